package feed

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/examples/ledger/internal/store"
	"github.com/bruskajp/nano_services/examples/ledger/internal/treetest"
)

// books has transfers of the numbers 1 to last.
type books struct {
	store.Books
	last *int64
}

func (b books) Last(context.Context) (int64, error) { return *b.last, nil }

func (b books) After(_ context.Context, id int64, limit int) (list []store.Transfer, err error) {
	for id++; id <= *b.last && len(list) < limit; id++ {
		list = append(list, store.Transfer{ID: id})
	}
	return list, nil
}

// subject is a feed as a struct or as a service. ask begins to wait, and the answer
// comes to what it returns.
type subject struct {
	take func(id int64)
	ask  func(after int64) <-chan string
}

// contract runs a test with each of them, in a bubble.
func contract(t *testing.T, last int64, test func(t *testing.T, last *int64, s subject)) {
	t.Run("struct", func(t *testing.T) {
		last := last
		f, err := NewFeed(t.Context(), books{last: &last})
		if err != nil {
			t.Fatal(err)
		}
		test(t, &last, subject{
			take: func(id int64) { f.Take(store.Transfer{ID: id}) },
			ask: func(after int64) <-chan string {
				answer := make(chan string, 1)
				f.Ask(after, time.Time{}, func(list []store.Transfer, err error) { answer <- show(list, err) })
				return answer
			},
		})
	})
	t.Run("service", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			last := last
			svc := NewFeedService(books{last: &last}, treetest.Quiet())
			treetest.Start(t, svc)
			test(t, &last, subject{
				take: func(id int64) {
					if err := svc.Take(store.Transfer{ID: id}); err != nil {
						t.Error(err)
					}
					synctest.Wait()
				},
				ask: func(after int64) <-chan string {
					answer := make(chan string, 1)
					go func() { answer <- show(svc.Next(t.Context(), after)) }()
					synctest.Wait()
					return answer
				},
			})
		})
	})
}

// show is the first and the last number of a list without gaps.
func show(list []store.Transfer, err error) string {
	if err != nil || len(list) == 0 {
		return fmt.Sprint(err, list)
	}
	for i, t := range list {
		if t.ID != list[0].ID+int64(i) {
			return fmt.Sprintf("gap at %d", t.ID)
		}
	}
	return fmt.Sprintf("%d-%d", list[0].ID, list[len(list)-1].ID)
}

func expect(t *testing.T, answer <-chan string, want string) {
	t.Helper()
	select {
	case got := <-answer:
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	default:
		if want != "" {
			t.Errorf("no answer, want %q", want)
		}
	}
}

func TestFeed(t *testing.T) {
	contract(t, 10, func(t *testing.T, last *int64, s subject) {
		expect(t, s.ask(7), "8-10") // from the books
		late := s.ask(10)
		expect(t, late, "")
		s.take(10) // published again
		expect(t, late, "")
		*last = 11
		s.take(11)
		expect(t, late, "11-11")
		expect(t, s.ask(10), "11-11") // from memory
		expect(t, s.ask(9), "10-11")  // from the books

		behind := s.ask(11)
		*last = 14
		s.take(14) // 12 and 13 are missing
		expect(t, behind, "12-14")
		expect(t, s.ask(13), "14-14")
		expect(t, s.ask(14), "")
	})
}

// Only so much is kept, and only so much is answered at once.
func TestFeedLimits(t *testing.T) {
	contract(t, 0, func(t *testing.T, last *int64, s subject) {
		for id := int64(1); id <= 3*kept; id++ {
			*last = id
			s.take(id)
		}
		expect(t, s.ask(0), fmt.Sprintf("1-%d", most))
		expect(t, s.ask(3*kept-3), fmt.Sprintf("%d-%d", 3*kept-2, 3*kept))
		expect(t, s.ask(2*kept), fmt.Sprintf("%d-%d", 2*kept+1, 2*kept+most))
	})
}

// Who has gone is forgotten, though no transfer comes.
func TestFeedForgets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		last := int64(0)
		svc := NewFeedService(books{last: &last}, treetest.Quiet())
		treetest.Start(t, svc)
		for range 10 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			if _, err := svc.Next(ctx, 0); !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
			cancel()
			time.Sleep(time.Millisecond) // of virtual time: until the moment is over
		}
		n, err := actor.Get(t.Context(), svc, func(f *Feed) int { return len(f.waiting) })
		if n != 1 || err != nil {
			t.Errorf("%d wait, %v", n, err)
		}
	})
}

// A crash ends the waiting, and whoever asks again gets what has come meanwhile.
func TestFeedCrashes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		last := int64(5)
		svc := NewFeedService(books{last: &last}, treetest.Quiet())
		treetest.Start(t, svc)
		crashed := make(chan error, 1)
		go func() {
			_, err := svc.Next(t.Context(), 5)
			crashed <- err
		}()
		synctest.Wait()
		last = 6
		if err := svc.Do(func(*Feed) { panic("crash") }); err != nil {
			t.Error(err)
		}
		if err := <-crashed; !errors.Is(err, actor.ErrUnanswered) {
			t.Errorf("%v", err)
		}
		list, err := svc.Next(t.Context(), 5)
		if err != nil || !slices.Equal(list, []store.Transfer{{ID: 6}}) {
			t.Errorf("%v, %v", list, err)
		}
	})
}
