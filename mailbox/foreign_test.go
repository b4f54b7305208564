package mailbox_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/internal/foreign/hostile"
	"github.com/bruskajp/nano_services/mailbox"
)

// A context that misbehaves, at whichever of its questions, leaves nothing in the line for
// room once its sender is gone, and holds up none of the others there.
func TestL17ContextsOfPut(t *testing.T) {
	ways := map[string]func(m *mailbox.Mailbox[int], ctx context.Context){
		"Put": func(m *mailbox.Mailbox[int], ctx context.Context) { _ = m.Put(ctx, 2) },
		"Line": func(m *mailbox.Mailbox[int], ctx context.Context) {
			if p, _ := m.Line(2); p != nil {
				_ = p.Wait(ctx)
			}
		},
	}
	for way, f := range ways {
		for _, manner := range append([]string{hostile.CallsBack}, hostile.Names...) {
			for at := int64(1); at < 10 && contextOfPut(t, way, manner, at, f); at++ {
			}
		}
	}
}

// contextOfPut reports whether the context was asked that question.
func contextOfPut(t *testing.T, way, manner string, at int64, f func(m *mailbox.Mailbox[int], ctx context.Context)) (reached bool) {
	synctest.Test(t, func(t *testing.T) {
		var m mailbox.Mailbox[int]
		m.Init(mailbox.Options[int]{Capacity: 1})
		if err := m.TryPut(1); err != nil {
			t.Fatal(err)
		}
		hostileManner, release := hostile.NewCalling(manner, func() {
			_, _, _ = m.Len(), m.Closed(), m.TryPut(4)
		})
		base, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		ctx := &hostile.Context{Context: base, Manner: hostileManner, At: at}
		over := make(chan struct{})
		go func() {
			defer close(over)
			defer func() { _ = recover() }()
			f(&m, ctx)
		}()
		synctest.Wait()
		other := make(chan error, 1)
		go func() { other <- m.Put(t.Context(), 3) }()
		time.Sleep(2 * time.Second) // what was asked for has been: of a sender that is gone nothing is left
		blocks := manner == "blocks" && ctx.Reached()
		got := taken(&m)
		if err := <-other; err != nil {
			t.Errorf("%s, which %s at question %d: another one: %v", way, manner, at, err)
		}
		release()
		<-over
		got = append(got, taken(&m)...)
		if want := []int{1, 3}; !slices.Equal(got, want) && !blocks {
			t.Errorf("%s, which %s at question %d: %v were taken", way, manner, at, got)
		}
		reached = ctx.Reached()
	})
	return reached
}

// taken takes all that there is.
func taken(m *mailbox.Mailbox[int]) (all []int) {
	c, ok := m.Acquire()
	if !ok {
		return nil
	}
	for {
		v, ok := c.Next()
		if !ok {
			c.Done()
			return all
		}
		all = append(all, v)
	}
}
