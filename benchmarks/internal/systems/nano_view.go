package systems

import "github.com/bruskajp/nano_services/actor"

// nanoView is this library where a value is only read: through a View, without the
// mailbox.
func nanoView() *System {
	return &System{
		Name:      "nano-view",
		About:     "reads through a View: no mailbox, no goroutine",
		Reads:     true,
		Start:     func() (Service, error) { return startViewed(), nil },
		NewCaller: func() Caller { return viewCaller{} },
	}
}

// viewed is a service with a view of its value.
type viewed struct {
	nanoService
	view *actor.View[int]
}

func startViewed() viewed {
	svc := actor.Start(NewTally(), actor.WithLogger(quiet))
	return viewed{nanoService{svc}, actor.NewView(svc, (*Tally).Value)}
}

type viewCaller struct{}

func (viewCaller) Call(s Service, n int) (sum int, err error) {
	view := s.(viewed).view
	for range n {
		sum += view.Load()
	}
	return sum, nil
}
