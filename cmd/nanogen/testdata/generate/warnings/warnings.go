// Package warnings has methods whose results may be fresh or not, and others that
// are known to be.
package warnings

import (
	"bytes"
	"maps"
	"slices"
	"time"
)

//go:generate go tool nanogen -type Users

// User is somebody.
type User struct{ Name string }

// Users has users.
type Users struct {
	bytes.Buffer //nano:skip
	cache[map[string]int]
	sizes[int]
	byID     map[int]*User
	counts   map[string]int
	names    []string
	last     *User
	fixed    [4]int
	text     string
	children *Users
	bytes    []byte
	list     []*User
	any      any
	saved    snapshot
	pointer  *snapshot
	lister   interface{ List() []string }
	since    time.Time
}

// NewUsers makes Users.
func NewUsers() *Users { return &Users{} }

// Find may return what stays in the map.
func (u *Users) Find(id int) (*User, error) { return u.byID[id], nil }

// Last may return what stays in a field.
func (u *Users) Last() (*User, bool) { return u.last, u.last != nil }

// Any may return anything.
func (u *Users) Any() any { return u.last }

// Appended may have had room.
func (u *Users) Appended(name string) []string { return append(u.names, name) }

// Mixed is fresh at one place and not at the other.
func (u *Users) Mixed(fresh bool) []string {
	names := []string{}
	if !fresh {
		names = u.names
	}
	return names
}

// Deeper is what a child has, which may be shared.
func (u *Users) Deeper() []string { return u.children.names }

// Pointed is what a pointer points to, which may be shared.
func (u *Users) Pointed() snapshot { return *u.pointer }

// Interface is what a method of an interface returns.
func (u *Users) Interface() []string { return u.lister.List() }

// Function uses what is copied.
func (u *Users) Function(n int) func() int { return func() int { return n } }

// Within is in a struct that is fresh itself.
func (u *Users) Within(id int) *struct{ User *User } { return &struct{ User *User }{u.byID[id]} }

// Stored makes a user and keeps it.
func (u *Users) Stored(name string) *User {
	user := &User{name}
	u.byID[len(u.byID)] = user
	return user
}

// Listed makes one, and keeps it in a list.
func (u *Users) Listed(name string) (user *User) {
	user = &User{name}
	u.list = append(u.list, user)
	return
}

// Passed makes one, which another function does not keep.
func (u *Users) Passed(name string) *User {
	user := &User{name}
	u.look(user)
	return user
}

func (u *Users) look(user *User) { u.text = user.Name }

// Kept makes one, which another function keeps.
func (u *Users) Kept(name string) *User {
	user := &User{name}
	u.keep(user)
	return user
}

func (u *Users) keep(user *User) { u.last = user }

// Switched returns what a field has.
func (u *Users) Switched() *User {
	switch x := u.any.(type) {
	case *User:
		return x
	}
	return nil
}

// Told is warned of no more.
//
//nano:shares
func (u *Users) Told(id int) *User { return u.byID[id] }

// Made is fresh.
func (u *Users) Made(name string) (*User, error) { return &User{name}, nil }

// Nil is nothing.
func (u *Users) Nil() *User { return nil }

// Copied is a copy.
func (u *Users) Copied() []string { return append([]string(nil), u.names...) }

// Cloned is a copy.
func (u *Users) Cloned() (map[string]int, []string) {
	return maps.Clone(u.counts), slices.Clone(u.names)
}

// ClonedPointers is a copy whose elements point to what stays in the map.
func (u *Users) ClonedPointers() map[int]*User { return maps.Clone(u.byID) }

// Built is made step by step.
func (u *Users) Built() (names []string, err error) {
	all := make([]string, 0, len(u.names))
	for _, name := range u.names {
		all = append(all, name)
	}
	names = all
	return names, nil
}

// Sorted is sorted after it was made.
func (u *Users) Sorted() []string {
	var names []string
	for _, name := range u.names {
		names = append(names, name)
	}
	slices.Sort(names)
	u.last = &User{names[0]}
	return names
}

// Taken is handed over: the struct has it no more.
func (u *Users) Taken() []string {
	names := u.names
	u.names = nil
	return names
}

// Swapped is handed over at once.
func (u *Users) Swapped() (names []string, byID map[int]*User) {
	names, u.names = u.names, make([]string, 0, len(u.names))
	byID, u.byID = u.byID, map[int]*User{}
	return
}

// Exchanged is handed over for another.
func (u *Users) Exchanged(names []string) []string {
	old := u.names
	u.names = names
	return old
}

// Popped is deleted.
func (u *Users) Popped(id int) (*User, bool) {
	user, ok := u.byID[id]
	delete(u.byID, id)
	return user, ok
}

// Naked returns named results.
func (u *Users) Naked() (names []string) {
	for _, name := range u.names {
		names = append(names, name)
	}
	return
}

// Bytes are those of a string.
func (u *Users) Bytes() []byte { return []byte(u.text) }

// String is a copy of bytes.
func (u *Users) String() string { return string(u.bytes) }

// Array is a copy of bytes.
func (u *Users) Array() [4]byte { return [4]byte(u.bytes) }

// Trick is a copy.
func (u *Users) Trick() []string { return append(u.names[:0:0], u.names...) }

// Snapshot is a struct with copies.
func (u *Users) Snapshot() (snapshot, error) {
	return snapshot{n: len(u.names), names: slices.Clone(u.names)}, nil
}

type snapshot struct {
	n     int
	names []string
}

// Later is taken out when the method ends.
func (u *Users) Later() []string {
	defer func() { u.names = nil }()
	names := u.names
	return names
}

// Moved is handed over in a struct that was fresh.
func (u *Users) Moved() *snapshot {
	all := &snapshot{}
	all.names = u.names
	u.names = nil
	return all
}

// Corrected is a copy of a struct, and then of what that refers to.
func (u *Users) Corrected() snapshot {
	all := u.saved
	all.names = slices.Clone(all.names)
	return all
}

// CorrectedPointer is a copy as well.
func (u *Users) CorrectedPointer() *snapshot {
	all := new(snapshot)
	*all = u.saved
	all.names = slices.Clone(all.names)
	return all
}

// Since is a struct of another package, which has its own ways.
func (u *Users) Since() time.Time { return u.since }

// Fixed is an array, and copied.
func (u *Users) Fixed() [4]int { return u.fixed }

// cache is generic, and Users has one of maps: what it returns refers to something there.
type cache[V any] struct{ cached V }

// Cached returns what is cached.
func (c *cache[V]) Cached() V { return c.cached }

// sizes is generic, too, and Users has one of numbers.
type sizes[V any] struct{ size V }

// Size returns the size.
func (s *sizes[V]) Size() V { return s.size }
