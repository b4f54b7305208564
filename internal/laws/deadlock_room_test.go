package laws_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/bruskajp/nano_services/internal/actortest"
)

// Who stood in line for room and was refused, because the service is being stopped,
// waits no more: what that service still runs may call it.
func TestL10RefusedRoomIsOver(t *testing.T) {
	for _, w := range waits {
		if !w.full {
			continue
		}
		t.Run(w.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				for range 50 {
					a, b := bounded("a"), bounded("b")
					gate, called := make(chan struct{}), make(chan error, 1)
					actortest.Do(t, b, func(*actortest.Plain) { <-gate; actortest.Stop(t, b) })
					synctest.Wait()
					actortest.Do(t, b, func(*actortest.Plain) { called <- a.Run(context.Background(), actortest.Nothing) })
					actortest.Do(t, a, func(*actortest.Plain) {
						if err, _ := w.wait(context.Background(), b); err == nil {
							t.Error("it found room")
						}
					})
					synctest.Wait()
					close(gate)
					if err := <-called; err != nil {
						t.Errorf("refused: %v", err)
					}
					actortest.Stop(t, a)
					actortest.Stop(t, b)
					if t.Failed() {
						break
					}
				}
			})
		})
	}
}

// A sender that was about to stand in line, and found room instead, does not wait.
// B makes the room and calls A at the moment at which A looks.
func TestL10RoomAfterAll(t *testing.T) {
	a, b := bounded("a"), bounded("b")
	for i := range 3000 {
		if t.Failed() {
			break
		}
		gate, sent, called := make(chan struct{}), make(chan error, 1), make(chan error, 1)
		started := make(chan struct{})
		actortest.Do(t, b, func(*actortest.Plain) { close(started); <-gate })
		<-started
		actortest.Do(t, b, func(*actortest.Plain) { called <- a.Run(context.Background(), actortest.Nothing) })
		actortest.Do(t, a, func(*actortest.Plain) {
			close(gate)
			for range i % 100 { // some time
				_ = b.Name()
			}
			sent <- b.DoContext(context.Background(), actortest.Ignore)
		})
		if err := <-called; err != nil {
			t.Errorf("refused: %v", err)
		}
		if err := <-sent; err != nil {
			t.Errorf("DoContext = %v", err)
		}
		if err := b.Run(context.Background(), actortest.Nothing); err != nil {
			t.Errorf("Run = %v", err)
		}
	}
	actortest.Stop(t, a)
	actortest.Stop(t, b)
}
