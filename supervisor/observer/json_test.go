package observer

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
)

// What is sent a node at a time is what json.Marshal makes of the whole.
func TestObserverJSONIsThatOfTheReport(t *testing.T) {
	crash := &actor.Crash{Message: `,"Cycles":"Tree":null}`, Err: &actor.PanicError{Service: `"Tree":`, Value: "x"}}
	child := supervisor.Node{Name: `,"Cycles":`, Path: `"Tree":`, Service: &actor.Info{Crash: crash}}
	for name, tree := range map[string]supervisor.Node{
		"alone":     {},
		"one":       {Name: "root", Children: []supervisor.Node{child}},
		"no longer": {Name: "root", Children: []supervisor.Node{}},
		"more": {Name: "root", Err: `null}`, Crash: crash, Children: []supervisor.Node{
			child, {Children: []supervisor.Node{child, {}}}, {Supervisor: &supervisor.Budget{Crashes: []time.Time{{}}}},
		}},
	} {
		r := Report{Time: time.Unix(1, 0), Tree: tree, Cycles: [][]actor.WaitsFor{{{Service: `"Tree":`, For: "null}"}}},
			History: []actor.ClosureRecord{{Func: `,"Cycles":`}}}
		whole := r
		var all func(n *supervisor.Node)
		all = func(n *supervisor.Node) {
			whole.Crashes = append(whole.Crashes, crashOf(n)...)
			for i := range n.Children {
				all(&n.Children[i])
			}
		}
		all(&whole.Tree)
		want, err := json.Marshal(whole)
		if err != nil {
			t.Fatal(err)
		}
		var got bytes.Buffer
		if err := r.stream(&got); err != nil || got.String() != string(want)+"\n" {
			t.Errorf("%s: %v\n%s\nwant\n%s", name, err, &got, want)
		}
	}
}

// Who does not take it is not sent the rest.
func TestObserverJSONEndsWithItsClient(t *testing.T) {
	r := Report{Tree: supervisor.Node{Children: make([]supervisor.Node, 1000)}}
	w := &broken{}
	if err := r.stream(w); err != errBroken || w.n != 1 {
		t.Errorf("%v after %d writes", err, w.n)
	}
}

var errBroken = errors.New("broken")

type broken struct{ n int }

func (b *broken) Write([]byte) (int, error) { b.n++; return 0, errBroken }

// The fields that are spliced are where the encoder takes them to be: at the end.
func TestObserverJSONFields(t *testing.T) {
	for typ, want := range map[reflect.Type]string{reflect.TypeFor[Report](): "Crashes", reflect.TypeFor[supervisor.Node](): "Children"} {
		last := ""
		for i := range typ.NumField() {
			if f := typ.Field(i); f.IsExported() {
				last = f.Name
			}
		}
		if last != want {
			t.Errorf("the last field of %v is %s: want %s", typ, last, want)
		}
	}
}
