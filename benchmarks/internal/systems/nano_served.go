package systems

import (
	"context"
	"errors"
	"strconv"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
)

// addNanoServed adds services that are declared, and served by a goroutine or in a tree.
func addNanoServed(s *System) {
	s.StartServed = func() (Service, error) { return startServed(), nil }
	s.SpawnServed = nanoSpawnServed
	s.NewTree = newNanoTree
}

func declareTally() *actor.Service[Tally] {
	return actor.New(func(context.Context) (*Tally, error) { return new(Tally), nil }, actor.WithLogger(quiet))
}

// nanoServed is a service that a goroutine serves.
type nanoServed struct {
	nanoService
	served chan error
}

func startServed() nanoServed {
	s := nanoServed{nanoService{declareTally()}, make(chan error, 1)}
	go func() { s.served <- s.svc.Serve(background) }()
	return s
}

func (s nanoServed) Stop() error {
	if err := s.svc.Stop(background); err != nil {
		return err
	}
	// Serve is refused if Stop came before it.
	if err := <-s.served; err != nil && !errors.Is(err, actor.ErrStopped) {
		return err
	}
	return nil
}

func (s nanoServed) Call(n int) (sum int, err error) { return nanoCaller{}.Call(s.nanoService, n) }

func nanoSpawnServed(n int) (ran int, err error) {
	for range n {
		s := startServed()
		v, err := s.Call(1)
		if err != nil {
			return ran, err
		}
		if err := s.Stop(); err != nil {
			return ran, err
		}
		ran += v
	}
	return ran, nil
}

// nanoTree is a supervisor to which children are added as the program goes on.
type nanoTree struct {
	root  *supervisor.Supervisor
	added int
}

func newNanoTree() (Tree, error) {
	root := supervisor.New("root", supervisor.Spec{Logger: quiet})
	return &nanoTree{root: root}, root.Start(background)
}

func (t *nanoTree) add() (svc *actor.Service[Tally], name string, err error) {
	svc, name = declareTally(), strconv.Itoa(t.added)
	t.added++
	return svc, name, t.root.Add(background, supervisor.Child{Name: name, Service: svc})
}

func (t *nanoTree) Add() (int, error) {
	svc, _, err := t.add()
	if err != nil {
		return 0, err
	}
	return nanoCaller{}.Call(nanoService{svc}, 1)
}

func (t *nanoTree) Spawn(n int) (ran int, err error) {
	for range n {
		svc, name, err := t.add()
		if err != nil {
			return ran, err
		}
		v, err := nanoCaller{}.Call(nanoService{svc}, 1)
		if err != nil {
			return ran, err
		}
		if err := errors.Join(t.root.Terminate(background, name), t.root.Remove(background, name)); err != nil {
			return ran, err
		}
		ran += v
	}
	return ran, nil
}

func (t *nanoTree) Stop() error { return t.root.Stop(background) }
