package goid

import (
	"testing"
	"testing/synctest"
)

func TestInBubble(t *testing.T) {
	if InBubble() {
		t.Error("outside: true")
	}
	synctest.Test(t, func(t *testing.T) {
		if !InBubble() {
			t.Error("inside: false")
		}
		inside := make(chan bool)
		go func() { inside <- InBubble() }()
		if !<-inside {
			t.Error("on a goroutine inside: false")
		}
	})
}
