package foreign_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/foreign"
	"github.com/bruskajp/nano_services/internal/foreign/hostile"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// code is an error of a type of its own.
type code int

func (c code) Error() string { return fmt.Sprint("code ", int(c)) }

// kin says that it is io.EOF, and can be had as a code.
type kin struct{ asked *int }

func (k kin) Error() string { *k.asked++; return "kin" }
func (k kin) Is(target error) bool {
	*k.asked++
	return target == io.EOF
}
func (k kin) As(target any) bool {
	*k.asked++
	c, ok := target.(*code)
	if ok {
		*c = 7
	}
	return ok
}

// What is kept is found in it as in the error itself, and it is asked once.
func TestL17KeptIsTheError(t *testing.T) {
	asked := 0
	in := errors.Join(code(3), kin{&asked}, context.Canceled)
	err := foreign.Keep(in)
	if text := in.Error(); asked != 2 || err.Error() != text || asked != 2 {
		t.Errorf("%q, asked %d times", err, asked)
	}
	var c code
	var k kin
	if !errors.As(err, &c) || c != 3 || !errors.As(err, &k) {
		t.Errorf("As: %v", c)
	}
	for _, target := range []error{in, code(3), io.EOF, context.Canceled} {
		if !errors.Is(err, target) {
			t.Errorf("it is not %v", target)
		}
	}
	if errors.Is(err, code(4)) || errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error("it is what it is not")
	}
	if c = 0; !errors.As(foreign.Keep(kin{&asked}), &c) || c != 7 {
		t.Errorf("its own As: %v", c)
	}
	if foreign.Original(err) != in || foreign.Original(io.EOF) != io.EOF {
		t.Error("not the original")
	}
	if again := foreign.Keep(fmt.Errorf("again: %w", err)); !errors.Is(again, code(3)) || again.Error() != "again: "+err.Error() {
		t.Errorf("kept again: %v", again)
	}
}

// Of the library's own questions none reaches an Is or an As of the user's.
func TestL17OwnQuestionsAskNothing(t *testing.T) {
	asked := 0
	for _, err := range []error{kin{&asked}, fmt.Errorf("in: %w", kin{&asked}), foreign.Keep(kin{&asked})} {
		asked = 0
		if _, ok := foreign.As[code](err); ok || foreign.Is(err, io.EOF) || asked > 0 {
			t.Errorf("%T: asked %d times", err, asked)
		}
		if k, ok := foreign.As[kin](err); !ok || k.asked != &asked || !foreign.Is(err, k) {
			t.Errorf("%T: not found", err)
		}
	}
}

// passes is an error of the library's that has a user's within, as that of a call.
type passes struct{ in error }

func (p passes) Error() string      { return "passes" }
func (p passes) As(target any) bool { return errors.As(p.in, target) }

// lies is an error that says that it is whatever one asks for.
type lies struct{}

func (lies) Error() string { return "lies" }
func (lies) As(any) bool   { return true }

// What is found is there: no nil pointer, and not what somebody only says.
func TestL17FoundIsThere(t *testing.T) {
	there := &fs.PathError{Op: "open", Path: "x", Err: io.EOF}
	for name, err := range map[string]error{
		"a nil pointer":             (*fs.PathError)(nil),
		"lies within the library's": passes{lies{}},
		"kept lies":                 foreign.Keep(lies{}),
	} {
		if found, ok := foreign.As[*fs.PathError](err); ok || found != nil {
			t.Errorf("%s: found %v, %v", name, found, ok)
		}
		if found, ok := foreign.As[*fs.PathError](errors.Join(err, there)); !ok || found != there {
			t.Errorf("%s before the right one: found %v, %v", name, found, ok)
		}
	}
}

// What runs no code of the program's is passed on as it is.
func TestL17HarmlessIsNotKept(t *testing.T) {
	for _, err := range []error{
		nil, io.EOF, context.Canceled, context.DeadlineExceeded, fmt.Errorf("a: %w", io.EOF),
		errors.Join(io.EOF, fmt.Errorf("a %w and %w", io.EOF, context.Canceled)), errors.Join(foreign.Keep(code(1))),
	} {
		if kept := foreign.Keep(err); kept != err {
			t.Errorf("%v: is a %T", err, kept)
		}
	}
	if _, kept := foreign.Keep(fmt.Errorf("a: %w", code(1))).(*foreign.Kept); !kept {
		t.Error("an error around one of the user's is not kept")
	}
}

// A *PanicError that the program has made has not kept what its value says.
func TestL17PanicErrorOfTheProgram(t *testing.T) {
	asked := 0
	for _, row := range []struct {
		value any
		keeps bool
	}{
		{nil, false}, {"text", false}, {io.EOF, false}, {code(1), true}, {slog.LevelInfo, true}, {kin{&asked}, true},
		{&actor.PanicError{Value: slog.LevelInfo}, true}, {&actor.PanicError{Value: 3}, false},
	} {
		p := &actor.PanicError{Value: row.value}
		err := foreign.Keep(p)
		if _, kept := err.(*foreign.Kept); kept != row.keeps {
			t.Errorf("of %T: is a %T", row.value, err)
		}
		if found, ok := foreign.As[*actor.PanicError](err); !ok || found != p {
			t.Errorf("of %T: not found in %T", row.value, err)
		}
	}
	if err := actor.NewPanicError(code(1), "s", io.EOF.Error); foreign.Keep(err) != error(err) {
		t.Error("the library's own is kept again")
	}
}

// The misbehaviour of an error is over when it has been kept; what can not be held back
// where it is kept (Goexit, and what blocks) is the goroutine's that made it.
func TestL17HostileErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		all, release := hostile.Errors()
		defer release()
		for name, err := range all {
			kept := make(chan error, 1)
			go func() {
				defer close(kept)
				kept <- foreign.Keep(err)
			}()
			synctest.Wait()
			gone := strings.HasPrefix(name, "calls Goexit") || strings.HasPrefix(name, "blocks")
			var k error
			select {
			case k = <-kept:
			default:
			}
			if (k == nil) != gone {
				t.Errorf("%s: kept as %v", name, k)
			}
			if k == nil {
				continue
			}
			var none *foreign.Panicked
			if text := k.Error(); text == "" {
				t.Errorf("%s: says nothing", name)
			}
			if name != "lies" && name != "lies, wrapped" && (errors.Is(k, io.EOF) || errors.As(k, &none)) {
				t.Errorf("%s: is everything", name)
			}
			if foreign.Is(k, io.EOF) || foreign.Is(err, io.EOF) {
				t.Errorf("%s: is everything to the library", name)
			}
			if _, ok := foreign.As[*foreign.Panicked](err); ok {
				t.Errorf("%s: is a *Panicked to the library", name)
			}
		}
	})
}

// A nil pointer is named as one.
func TestL17TextOfNil(t *testing.T) {
	all, release := hostile.Errors()
	defer release()
	for name, want := range map[string]string{
		"a nil *net.OpError": "(a nil *net.OpError)", "a nil *fs.PathError": "(a nil *fs.PathError)", "a nil *Error": "(a nil *hostile.Error)",
	} {
		if text := foreign.Text(all[name]); text != want {
			t.Errorf("%q, want %q", text, want)
		}
	}
	for value, want := range map[any]string{
		3: "3", "text": "text", slog.LevelInfo: "INFO", [2]int{}: "([2]int)", code(5): "code 5", io.EOF: "EOF",
	} {
		if text := foreign.Text(value); text != want {
			t.Errorf("%q, want %q", text, want)
		}
	}
}

type (
	word    string
	flag    bool
	share   float32
	wave    complex64
	address uintptr
)

func (w word) String() string            { panic(w) }
func (f flag) String() string            { panic(f) }
func (s share) Format(fmt.State, rune)   { panic(s) }
func (w wave) Error() string             { panic(w) }
func (a address) Error() string          { panic(a) }
func (a address) Format(fmt.State, rune) { panic(a) }

// A value that panics with itself, whatever it is asked, is named by what it is of.
func TestL17TextOfABasicKind(t *testing.T) {
	for value, want := range map[any]string{
		hostile.Code(7): "(hostile.Code, which panics when it is asked: 7)",
		word("a word"):  "(foreign_test.word, which panics when it is asked: a word)",
		flag(true):      "(foreign_test.flag, which panics when it is asked: true)",
		share(0.1):      "0.1",
		wave(0.1i):      "(foreign_test.wave, which panics when it is asked: (0+0.1i))",
		address(5):      "(foreign_test.address, which panics when it is asked: 5)",
	} {
		if text := foreign.Text(value); text != want {
			t.Errorf("%q, want %q", text, want)
		}
	}
	for name, value := range map[string]any{"nil": nil, "1": int8(1), "0.25": 0.25, "false": false} {
		if text := foreign.Text(value); text != name && value != nil {
			t.Errorf("%q, want %q", text, name)
		}
	}
}

// A question is waited for for a second, and not asked again until it is answered.
func TestL17Ask(t *testing.T) {
	for _, name := range hostile.Names {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m, release := hostile.New(name)
				var q foreign.Questions
				var calls atomic.Int32
				ask := func() (int, error) {
					return foreign.Ask(&q, "Method", func() int { calls.Add(1); m.Act(); return 1 })
				}
				begun := time.Now()
				n, err := ask()
				took := time.Since(begun)
				_, again := ask()
				var p *foreign.Panicked
				switch name {
				case "panics", "panics with itself", "panics with an int", "panics with a string":
					if !errors.As(err, &p) || !errors.As(again, &p) || took > 0 || calls.Load() != 2 {
						t.Errorf("%v, %v after %v", err, again, took)
					}
				case "calls Goexit":
					if err != foreign.ErrGoexit || again != foreign.ErrGoexit || took > 0 || calls.Load() != 2 {
						t.Errorf("%v, %v after %v", err, again, took)
					}
				case "blocks":
					if err != foreign.ErrSlow || again != foreign.ErrPending || took != foreign.Patience || calls.Load() != 1 || n != 0 {
						t.Errorf("%d, %v, %v after %v", n, err, again, took)
					}
					if other, err := foreign.Ask(&q, "Other", func() int { return 2 }); other != 2 || err != nil {
						t.Errorf("another method: %d, %v", other, err)
					}
					release()
					synctest.Wait()
					if n, err := ask(); n != 1 || err != nil {
						t.Errorf("when it has returned: %d, %v", n, err)
					}
				}
			})
		})
	}
}

// Only a handler that runs none of the program's code is asked.
func TestL17Unheard(t *testing.T) {
	m, _ := hostile.New("panics")
	h := &hostile.Handler{Manner: m}
	text := func(l slog.Leveler) slog.Handler {
		return slog.NewTextHandler(io.Discard, &slog.HandlerOptions{Level: l}).WithAttrs([]slog.Attr{slog.Int("a", 1)})
	}
	quiet := new(slog.LevelVar)
	quiet.Set(slog.LevelError)
	for name, row := range map[string]struct {
		h    slog.Handler
		want bool // nobody hears a warning
	}{
		"none":                   {(&slog.Logger{}).Handler(), true},
		"discards":               {slog.DiscardHandler, true},
		"default":                {slog.Default().Handler(), false},
		"text":                   {text(nil), false},
		"text of errors":         {text(slog.LevelError), true},
		"text of a variable":     {text(quiet), true},
		"JSON of errors":         {slog.NewJSONHandler(io.Discard, &slog.HandlerOptions{Level: slog.LevelError}), true},
		"text of a nil variable": {text((*slog.LevelVar)(nil)), false},
		"text, hostile":          {text(h), false},
		"hostile":                {h, false},
		"several, hostile":       {slog.NewMultiHandler(slog.DiscardHandler, h), false},
		"nil text":               {(*slog.TextHandler)(nil), false},
		"zero text":              {new(slog.TextHandler), false},
	} {
		if got := foreign.Unheard(row.h, slog.LevelWarn); got != row.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

func TestWalkOrder(t *testing.T) {
	var got []string
	foreign.Walk(errors.Join(fmt.Errorf("a: %w", code(1)), code(2)), func(err error) bool {
		got = append(got, err.Error())
		return false
	})
	if want := []string{"a: code 1\ncode 2", "a: code 1", "code 1", "code 2"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}
