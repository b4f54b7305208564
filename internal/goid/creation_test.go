package goid_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bruskajp/nano_services/internal/goid"
)

// A goroutine is named by a place of who wanted it, and has that name all the time.
func TestCreation(t *testing.T) {
	rows := map[string]func(f func()){
		"go":                func(f func()) { go f() },
		"WaitGroup":         func(f func()) { new(sync.WaitGroup).Go(f) },
		"time.AfterFunc":    func(f func()) { time.AfterFunc(0, f) },
		"context.AfterFunc": func(f func()) { context.AfterFunc(over(), f) },
	}
	for name, begin := range rows {
		places := make(chan [2]string)
		begin(func() {
			first := goid.Creation()
			places <- [2]string{first, goid.Creation()}
		})
		if at := <-places; !strings.HasPrefix(at[0], "creation_test.go:") || at[0] != at[1] {
			t.Errorf("%s: %q", name, at)
		}
	}
}

func over() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}
