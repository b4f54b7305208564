package systems

import (
	"errors"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
)

// nanoProxy is this library through the methods that nanogen makes of those of Tally.
func nanoProxy() *System {
	return &System{
		Name:         "nano-proxy",
		About:        "the same through generated methods: svc.Inc(), svc.Next(ctx)",
		Start:        func() (Service, error) { return startProxy(), nil },
		NewCaller:    func() Caller { return proxyCaller{} },
		Few:          true,
		Spawn:        proxySpawn,
		NewRestarter: newProxyRestarter,
	}
}

// proxy is a generated service, which a goroutine serves.
type proxy struct {
	svc    TallyService
	served chan error
}

func startProxy() proxy {
	p := proxy{NewTallyService(actor.WithLogger(quiet)), make(chan error, 1)}
	go func() { p.served <- p.svc.Serve(background) }()
	return p
}

func (p proxy) Tell(n int) error {
	for range n {
		if err := p.svc.Inc(); err != nil {
			return err
		}
	}
	return nil
}

func (p proxy) TellCapture(n int) error {
	for i := range n {
		if err := p.svc.Add(i); err != nil {
			return err
		}
	}
	return nil
}

func (p proxy) Value() (int, error) { return p.svc.Value(background) }

func (p proxy) Stop() error {
	if err := p.svc.Stop(background); err != nil {
		return err
	}
	// Serve is refused if Stop came before it.
	if err := <-p.served; err != nil && !errors.Is(err, actor.ErrStopped) {
		return err
	}
	return nil
}

type proxyCaller struct{}

func (proxyCaller) Call(s Service, n int) (sum int, err error) {
	svc := s.(proxy).svc
	for range n {
		v, err := svc.Next(background)
		if err != nil {
			return sum, err
		}
		sum += v
	}
	return sum, nil
}

// proxySpawn asks instead of telling, so that the answer shows that the closure ran: the
// value stays with the service that has made it.
func proxySpawn(n int) (ran int, err error) {
	for range n {
		p := startProxy()
		v, err := p.svc.Next(background)
		if err != nil {
			return ran, err
		}
		if err := p.Stop(); err != nil {
			return ran, err
		}
		ran += v
	}
	return ran, nil
}

type proxyRestarter struct {
	svc  TallyService
	root *supervisor.Supervisor
}

func newProxyRestarter() (Restarter, error) {
	svc := NewTallyService(actor.WithLogger(quiet))
	root := supervisor.New("root", supervisor.Spec{
		Logger:      quiet,
		MaxRestarts: supervisor.Unlimited,
		Children:    []supervisor.Child{{Service: svc}},
	})
	return proxyRestarter{svc, root}, root.Start(background)
}

func (r proxyRestarter) Restart(n int) (sum int, err error) {
	for range n {
		if err := r.svc.Do(crash); err != nil {
			return sum, err
		}
		v, err := r.svc.Next(background)
		if err != nil {
			return sum, err
		}
		sum += v
	}
	return sum, nil
}

func (r proxyRestarter) Stop() error { return r.root.Stop(background) }
