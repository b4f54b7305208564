package actor_test

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"github.com/bruskajp/nano_services/actor"
)

// ledger owns a file. What it has written is safe when the file has been synced.
type ledger struct {
	file  *os.File
	syncs int
}

func (l *ledger) write(line []byte) (int, error) { return l.file.Write(line) }

func (l *ledger) sync() error {
	l.syncs++
	return l.file.Sync()
}

// BenchmarkCommit has many callers write lines to one file, each answered when its line
// is on the disk: with a sync in each closure, and with one for each batch.
func BenchmarkCommit(b *testing.B) {
	line := []byte("one line of the journal, of sixty-four bytes with its end\n......")
	for _, callers := range []int{1, 8, 64} {
		b.Run("each/callers="+strconv.Itoa(callers), func(b *testing.B) {
			benchCommit(b, callers, nil, func(ctx context.Context, svc *actor.Service[ledger]) error {
				return svc.Run(ctx, func(l *ledger) error {
					if _, err := l.write(line); err != nil {
						return err
					}
					return l.sync()
				})
			})
		})
		b.Run("batch/callers="+strconv.Itoa(callers), func(b *testing.B) {
			opts := []actor.Option{actor.WithBatch(1024, (*ledger).sync)}
			benchCommit(b, callers, opts, func(ctx context.Context, svc *actor.Service[ledger]) error {
				_, err := actor.CallBatched(ctx, svc, func(l *ledger) (int, error) { return l.write(line) })
				return err
			})
		})
	}
}

func benchCommit(b *testing.B, callers int, opts []actor.Option, write func(context.Context, *actor.Service[ledger]) error) {
	file, err := os.Create(filepath.Join(b.TempDir(), "journal"))
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	l := &ledger{file: file}
	svc := actor.Start(l, opts...)
	ctx := context.Background()
	b.ResetTimer()
	var wg sync.WaitGroup
	for caller := range callers {
		wg.Go(func() {
			for i := caller; i < b.N; i += callers {
				if err := write(ctx, svc); err != nil {
					b.Error(err)
				}
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	if err := svc.Stop(ctx); err != nil {
		b.Error(err)
	}
	b.ReportMetric(float64(b.N)/float64(max(l.syncs, 1)), "lines/sync")
}
