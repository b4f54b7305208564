// Package swap has a struct that its service can replace, and the user's own
// interface, which both implement.
package swap

import "context"

//go:generate go tool nanogen -type Store

// Users is what the rest of the program knows.
type Users interface {
	Find(ctx context.Context, id int) (*User, error)
	Save(ctx context.Context, users ...User) error
	Move(_ context.Context, from, to int) (moved bool, n int, err error)
}

var (
	_ Users = (*Store)(nil)
	_ Users = StoreService{}
	_ Users = StoreCalls(nil)
)

// User is somebody.
type User struct{ Name string }

// Store has users.
type Store struct{ users map[int]User }

// NewStore opens a store; each incarnation of the service with its own context.
func NewStore(ctx context.Context) (*Store, error) {
	return &Store{users: map[int]User{}}, ctx.Err()
}

// Find returns a user.
//
// The user is a copy:
//
//	u.Name = "somebody else" // changes nothing here
//
// What to know:
//
//   - Nobody has an empty name.
func (s *Store) Find(ctx context.Context, id int) (*User, error) {
	u := s.users[id]
	return &User{u.Name}, nil
}

// Save saves users.
func (s *Store) Save(ctx context.Context, users ...User) error {
	for _, u := range users {
		s.users[len(s.users)] = u
	}
	return ctx.Err()
}

// Move moves a user.
func (s *Store) Move(_ context.Context, from, to int) (moved bool, n int, err error) {
	s.users[to], moved = s.users[from]
	return moved, len(s.users), nil
}
