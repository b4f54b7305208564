package supervisor

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"testing"
	"testing/synctest"
	"time"
)

// many is a supervisor of n children of a template that end when they are told to, or when
// gate is closed.
func many(t *testing.T, n int, template Child, a AutoShutdown) (s *Supervisor, gate chan struct{}) {
	gate = make(chan struct{})
	s = New("many", Spec{Logger: slog.New(slog.DiscardHandler), Template: &template, AutoShutdown: a})
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		err := s.Add(t.Context(), Child{Name: strconv.Itoa(i), Service: Func(func(ctx context.Context) error {
			select {
			case <-gate:
			case <-ctx.Done():
			}
			return nil
		})})
		if err != nil {
			t.Fatal(err)
		}
	}
	return s, gate
}

// What is done for each of many children takes as long for each, however many there are.
func TestSUPManyChildrenEnd(t *testing.T) {
	for _, row := range []struct {
		what string
		took func(n int) time.Duration
	}{
		{"significant ones end", func(n int) time.Duration {
			s, gate := many(t, n, Child{Restart: Temporary, Significant: true}, AllSignificant)
			begin := time.Now()
			close(gate)
			<-s.Done()
			return time.Since(begin)
		}},
		{"each ends while the others are asked to", func(n int) time.Duration {
			s, cs := New("root", Spec{}), make([]*child, n)
			for i := range cs {
				cs[i] = new(child)
				s.later = append(s.later, new(request))
			}
			begin := time.Now()
			for _, c := range cs {
				s.await(c)
			}
			return time.Since(begin)
		}},
	} {
		t.Run(row.what, func(t *testing.T) {
			const few, times = 2000, 8
			var ratio float64
			for range 5 { // it is a matter of the machine's load as well
				ratio = float64(row.took(times*few)) / float64(row.took(few))
				if ratio < times*4 { // of a square it is times*times
					return
				}
			}
			t.Errorf("%d times as many take %.0f times as long", times, ratio)
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
