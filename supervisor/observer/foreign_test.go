package observer_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
	"github.com/bruskajp/nano_services/internal/foreign/hostile"
	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/observer"
)

// What the children of a tree have ended with does not hold up the page, whatever it is.
func TestL17ErrorsOnThePage(t *testing.T) {
	ways := map[string]func(err error) supervisor.Service{
		"returned": func(err error) supervisor.Service {
			return supervisor.Func(func(context.Context) error { return err })
		},
		"a panic": func(err error) supervisor.Service {
			return supervisor.Func(func(context.Context) error { panic(err) })
		},
		"constructor": func(err error) supervisor.Service {
			return actor.New(func(context.Context) (*counter, error) { return nil, err }, actor.WithLogger(quiet))
		},
		"crash": func(err error) supervisor.Service {
			svc := service("crash")
			_ = svc.Do(func(*counter) { panic(err) })
			return svc
		},
	}
	for way, child := range ways {
		actortest.EachError(t, way, func(t *testing.T, _ string, err error, release func()) {
			root := supervisor.New("root", supervisor.Spec{Logger: quiet, MaxRestarts: supervisor.Unlimited, Children: []supervisor.Child{{
				Name: "hostile", Service: child(err), Shutdown: time.Second,
				Backoff: &supervisor.Backoff{Min: 10 * time.Second, Max: time.Hour},
			}}})
			within, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			started := make(chan error, 1)
			go func() { started <- root.Start(within) }()
			synctest.Wait()
			h := observer.Handler(root)
			begun := time.Now()
			for _, target := range []string{"/", "/?json", "/?path=root/hostile"} {
				if text := body(t, h, target); !strings.Contains(text, "hostile") {
					t.Errorf("%s: %s", target, text)
				}
			}
			if took := time.Since(begun); took > 2*time.Second {
				t.Errorf("it took %v", took)
			}
			<-started
			_ = root.Stop(within)
			release()
			<-root.Done()
			body(t, h, "/") // also when it is down
		})
	}
}

// A context of a request that misbehaves, at whichever of its questions, harms the request,
// and nothing else.
func TestL17ContextOfARequest(t *testing.T) {
	for _, manner := range hostile.Names {
		for at := int64(1); at < 10 && contextOfARequest(t, manner, at); at++ {
		}
	}
}

// contextOfARequest reports whether the context was asked that question.
func contextOfARequest(t *testing.T, manner string, at int64) (reached bool) {
	synctest.Test(t, func(t *testing.T) {
		root := supervisor.New("root", supervisor.Spec{Logger: quiet, Children: []supervisor.Child{{Service: service("a")}}})
		if err := root.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		h := observer.Handler(root)
		m, release := hostile.New(manner)
		ctx := &hostile.Context{Context: context.Background(), Manner: m, At: at}
		over := make(chan struct{})
		go func() {
			defer close(over)
			defer func() { _ = recover() }()
			ask(h, "/", func(r *http.Request) { *r = *r.WithContext(ctx) })
		}()
		synctest.Wait()
		body(t, h, "/")
		if err := root.Stop(t.Context()); err != nil {
			t.Error(err)
		}
		release()
		<-over
		reached = ctx.Reached()
	})
	return reached
}
