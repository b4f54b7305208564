package actor_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/bruskajp/nano_services/actor"
)

// Store stands for something that has to be opened and closed.
type Store struct{ rows []string }

func openStore(context.Context) (*Store, error) {
	fmt.Println("open")
	return &Store{}, nil
}

func (s *Store) Insert(row string) { s.rows = append(s.rows, row) }
func (s *Store) Len() int          { return len(s.rows) }

func (s *Store) Close() error {
	fmt.Println("close with", s.rows)
	return nil
}

// How does a service get a value that has to be made, and when does it run?
func ExampleNew() {
	store := actor.New(openStore, actor.WithLogger(slog.New(slog.DiscardHandler)))
	store.Do(func(s *Store) { s.Insert("early") }) // queued until somebody serves

	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error)
	go func() { served <- store.Serve(ctx) }()

	n, err := actor.Get(context.Background(), store, (*Store).Len)
	fmt.Println(n, err)

	stop()
	fmt.Println(<-served)
	fmt.Println(store.Do(func(s *Store) { s.Insert("late") }))
	// Output:
	// open
	// 1 <nil>
	// close with [early]
	// <nil>
	// actor: service stopped
}

// What does a caller see when the constructor fails?
func ExampleService_Serve() {
	store := actor.New(func(context.Context) (*Store, error) {
		return nil, errors.New("disk not found")
	}, actor.WithName("store"), actor.WithLogger(slog.New(slog.DiscardHandler)))
	waiting := actor.Async(store, func(s *Store) (int, error) { return s.Len(), nil })

	fmt.Println(store.Serve(context.Background()))
	_, err := waiting.Await(context.Background())
	fmt.Println(errors.Is(err, actor.ErrStopped), actor.OutcomeOf(err))
	fmt.Println(store.Info().State)
	// Output:
	// actor: store: constructor: disk not found
	// true not run
	// down
}
