package laws_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// The main thread can not end: the runtime lets it sleep for good when a goroutine ends
// locked to it. So it is kept for the main goroutine, which waits for the tests, and no
// service's thread is that one.
func init() { runtime.LockOSThread() }

// All closures of a service with a thread of its own run on that thread, and on no
// other service's.
func TestOSThreadIsTheServicesOwn(t *testing.T) {
	type thing struct{}
	ctx := context.Background()
	thread := func(svc *actor.Service[thing]) int {
		id, err := actor.Get(ctx, svc, func(*thing) int { return syscall.Gettid() })
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	a := actor.Start(new(thing), actor.WithOSThread(), actortest.Quiet())
	b := actor.Start(new(thing), actor.WithOSThread(), actortest.Quiet())
	first, other := thread(a), thread(b)
	if first == other {
		t.Errorf("two services on thread %d", first)
	}
	for range 100 {
		if now := thread(a); now != first {
			t.Fatalf("on thread %d, and then on %d", first, now)
		}
		thread(b)
	}
	for _, svc := range []*actor.Service[thing]{a, b} {
		if err := svc.Stop(ctx); err != nil {
			t.Error(err)
		}
	}
}

// named is a T with thread-local state: the name that the kernel keeps for its thread.
type named struct{ name string }

// The system call prctl and what it is asked here, from linux/prctl.h.
const (
	prSetName = 15
	prGetName = 16
)

func prctl(what uintptr, name *[16]byte) error {
	if _, _, e := syscall.RawSyscall(syscall.SYS_PRCTL, what, uintptr(unsafe.Pointer(name)), 0); e != 0 {
		return e
	}
	return nil
}

func nameThread(name string) (*named, error) {
	var b [16]byte
	copy(b[:15], name)
	return &named{name}, prctl(prSetName, &b)
}

// check reports whether the calling thread has the name.
func (n *named) check() error {
	var b [16]byte
	if err := prctl(prGetName, &b); err != nil {
		return err
	}
	if got, _, _ := strings.Cut(string(b[:]), "\x00"); got != n.name {
		return fmt.Errorf("the thread is %q, and not %q", got, n.name)
	}
	return nil
}

// Close is the last thing that happens on the thread.
func (n *named) Close() error { return n.check() }

// threadsNamed counts the threads of the process with that name.
func threadsNamed(t testing.TB, name string) (n int) {
	all, err := filepath.Glob("/proc/self/task/*/comm")
	if err != nil || len(all) == 0 {
		t.Skipf("no threads to be seen in /proc: %v", err)
	}
	for _, file := range all {
		if text, err := os.ReadFile(file); err == nil && strings.TrimSpace(string(text)) == name {
			n++
		}
	}
	return n
}

// awaitNoThread waits until the kernel has no thread of that name any more: a thread
// ends a moment after its goroutine.
func awaitNoThread(t testing.TB, name string) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); threadsNamed(t, name) > 0; runtime.Gosched() {
		if time.Now().After(end) {
			t.Fatalf("a thread named %q is left", name)
		}
	}
}

// What a constructor does to its thread by a system call holds for all closures and for
// Close, and nobody else sees it; the thread ends with the incarnation, after a stop as
// after a crash, and with it what was done to it.
func TestOSThreadStateEndsWithTheIncarnation(t *testing.T) {
	for _, how := range []string{"stop", "crash", "goexit"} {
		t.Run(how, func(t *testing.T) {
			name := "nano-" + how
			build := func(context.Context) (*named, error) { return nameThread(name) }
			svc := actor.New(build, actor.WithOSThread(), actortest.Quiet())
			ctx, cancel := context.WithCancel(actortest.Supervised(context.Background()))
			defer cancel()
			served := actortest.Serve(ctx, svc)
			for range 20 {
				if err := svc.Run(context.Background(), (*named).check); err != nil {
					t.Fatal(err)
				}
				done := make(chan error)
				go func() { done <- (&named{name}).check() }()
				if <-done == nil {
					t.Fatal("another goroutine runs on the thread")
				}
			}
			if threadsNamed(t, name) == 0 {
				t.Error("no thread of that name")
			}
			switch how {
			case "stop":
				cancel()
				if err := <-served; err != nil { // Close would have seen another thread
					t.Error(err)
				}
			case "crash":
				actortest.Do(t, svc, func(*named) { panic("crash") })
				if err := <-served; err == nil || strings.Contains(err.Error(), "the thread is") {
					t.Error(err)
				}
			case "goexit":
				actortest.Do(t, svc, func(*named) { runtime.Goexit() })
				if _, ok := <-served; ok {
					t.Error("Serve has returned after Goexit")
				}
			}
			awaitNoThread(t, name)

			// The next incarnation has another thread.
			ctx, cancel = context.WithCancel(context.Background())
			defer cancel()
			if how != "stop" {
				served = actortest.Serve(ctx, svc)
				if err := svc.Run(context.Background(), (*named).check); err != nil {
					t.Error(err)
				}
			}
			actortest.Stop(t, svc)
			<-served
			awaitNoThread(t, name)
		})
	}
}
