package supervisor

import (
	"container/list"
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
)

// What is done for each of many children looks at no other one, and at no message that is
// kept for later, so it takes as long for each, however many there are: a nil that stands
// among the others would panic.
func TestSUPManyChildrenEnd(t *testing.T) {
	crash := errors.New("crash")
	ends := func(err error) func(*Supervisor, *child) {
		return func(s *Supervisor, c *child) { s.handle(exited{p: c.proc, run: c.run, err: err}) }
	}
	for _, row := range []struct {
		what string
		spec Child
		does func(*Supervisor, *child)
	}{
		{"a significant one ends", Child{Restart: Temporary, Significant: true}, ends(nil)},
		{"a significant one crashes", Child{Restart: Transient, Significant: true}, ends(crash)},
		{"one is restarted", Child{}, ends(crash)},
		{"one is terminated", Child{Restart: Temporary}, (*Supervisor).terminate},
		{"one is asked to end", Child{}, (*Supervisor).await},
	} {
		t.Run(row.what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := New("many", Spec{
					Logger: slog.New(slog.DiscardHandler), Template: &row.spec, AutoShutdown: AllSignificant,
				})
				if err := s.Start(t.Context()); err != nil {
					t.Fatal(err)
				}
				for _, name := range []string{"a", "b"} {
					c := Child{Name: name, Service: Func(func(ctx context.Context) error { <-ctx.Done(); return nil })}
					if err := s.Add(t.Context(), c); err != nil {
						t.Fatal(err)
					}
				}
				err := s.ask(t.Context(), "test", func(s *Supervisor, _ *request) error {
					mines := []*list.Element{s.order.PushFront(nil), s.order.PushBack(nil)}
					s.deferred = []any{(*request)(nil)}
					defer func() {
						if v := recover(); v != nil {
							t.Errorf("others were looked at: %v", v)
						}
						for _, e := range mines {
							s.order.Remove(e)
						}
						s.deferred = nil
					}()
					row.does(s, s.byName["a"].Value.(*child))
					return nil
				})
				if err != nil {
					t.Error(err)
				}
				if err := s.Stop(t.Context()); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// The number of significant children is that of those that run or will, at all times.
func TestSUPSignificantAreCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		end := make(chan error)
		serve := Func(func(ctx context.Context) error {
			select {
			case err := <-end:
				return err
			case <-ctx.Done():
				return nil
			}
		})
		s := New("root", Spec{
			Logger: slog.New(slog.DiscardHandler), AutoShutdown: AllSignificant, Strategy: RestForOne,
			Children: []Child{
				{Name: "a", Service: serve, Restart: Transient, Significant: true},
				{Name: "b", Service: Func(func(ctx context.Context) error { <-ctx.Done(); return nil })},
				{Name: "c", Service: Func(func(ctx context.Context) error { <-ctx.Done(); return nil }),
					Restart: Temporary, Significant: true},
			},
		})
		if err := s.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		expect := func(what string, want int) {
			t.Helper()
			synctest.Wait()
			var got int
			err := s.ask(t.Context(), "test", func(s *Supervisor, _ *request) error { got = s.significant; return nil })
			if got != want || err != nil {
				t.Errorf("%s: %d, want %d; %v", what, got, want, err)
			}
		}
		expect("at first", 2)
		end <- errors.New("crash") // which the temporary one does not survive
		expect("after a restart", 1)
		d := Child{Name: "d", Service: serve, Restart: Transient, Significant: true}
		if err := s.Add(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		expect("one is added", 2)
		_ = s.Terminate(t.Context(), "d")
		expect("and terminated", 1)
		_ = s.Restart(t.Context(), "d")
		expect("and restarted", 2)
		_ = s.Terminate(t.Context(), "d")
		_ = s.Remove(t.Context(), "d")
		expect("and removed", 1)
		end <- nil
		<-s.Done()
	})
}
