package remote

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/fxamacker/cbor/v2"
	"github.com/nats-io/nats.go"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/foreign"
)

// told is an error on its way, the header Nano-Error in JSON.
type told struct {
	Outcome string   `json:"o,omitempty"` // n: not run; c: crashed; u: unknown; none: ran
	Text    string   `json:"m,omitempty"` // of a crash, what was passed to panic
	Is      []string `json:"is,omitempty"`
	Type    string   `json:"t,omitempty"` // the name of an error type that is known, or else as %T spells it
	Value   []byte   `json:"v,omitempty"` // of the former, the value in CBOR
	Service string   `json:"s,omitempty"` // which has crashed
	Func    string   `json:"f,omitempty"` // in which function
	Line    string   `json:"l,omitempty"` // and where that is, as file:line
}

const (
	maxText  = 4 << 10  // bytes of a text
	maxValue = 16 << 10 // bytes of an error's value
	maxTold  = 64 << 10 // bytes of a header
)

var outcomes = map[actor.Outcome]string{actor.Ran: "", actor.NotRun: "n", actor.Crashed: "c", actor.Unknown: "u"}

// tell returns the header for an error, with the outcome given.
func (k *knownErrors) tell(err error, what actor.Outcome) string {
	t := told{Outcome: outcomes[what]}
	if p, ok := foreign.As[*actor.PanicError](err); ok && what == actor.Crashed {
		t.Service, t.Func, t.Line = p.Service, p.Func, p.File+":"+strconv.Itoa(p.Line)
		if err = p.Unwrap(); err == nil {
			t.Text = foreign.Short(foreign.Text(p.Value), maxText)
		}
	}
	if err != nil {
		t.Text = foreign.Short(foreign.Text(err), maxText)
		k.describe(&t, err)
	}
	if what == actor.NotRun || what == actor.Unknown { // an error of the library's, not the method's
		t.Type, t.Value = "", nil
	}
	t.Text = strings.ToValidUTF8(t.Text, "\uFFFD")
	b, e := json.Marshal(t)
	if e != nil || len(b) > maxTold { // of names that are out of all proportion
		b, _ = json.Marshal(told{Outcome: t.Outcome, Text: t.Text})
	}
	return string(b)
}

// read makes of an answer what the call returns. With the outcome Ran an error is what the
// caller gets; the others are the reason.
func (c *Client) read(answer *nats.Msg, m *method, name string, results any) (actor.Outcome, error) {
	header := answer.Header.Get(headerError)
	if header == "" {
		return c.plain(answer, m, name, results)
	}
	t, what, err := parse(header)
	if err != nil {
		return actor.Unknown, noAnswer{fmt.Errorf("the answer cannot be read: %w", err)}
	}
	switch what {
	case actor.Crashed:
		return what, c.errors.crash(t, answer.Data)
	case actor.Ran:
		if len(answer.Data) > 0 {
			if err := c.results(answer, m, name, results); err != nil {
				return actor.Ran, err
			}
		}
		return actor.Ran, actor.WithOutcome(c.errors.error(t), actor.Ran)
	case actor.NotRun:
		if err := c.errors.error(t); foreign.Claims(err, ErrIncompatible) {
			return what, fmt.Errorf("%w; here it is %s", err, m.text)
		} else {
			return what, err
		}
	}
	return what, c.errors.error(t)
}

// plain reads an answer without an error. Only results in their form are the server's word
// that the method has run: anybody who subscribes to the request may answer it, as a
// JetStream stream does that records requests.
func (c *Client) plain(answer *nats.Msg, m *method, name string, results any) (actor.Outcome, error) {
	err := c.results(answer, m, name, results)
	if err == nil {
		return actor.Ran, nil
	}
	var form []cbor.RawMessage
	if failed := dec.Unmarshal(answer.Data, &form); failed != nil || len(form) != len(elements(results)) {
		return actor.Unknown, noAnswer{fmt.Errorf("what answered is no binding: %w", err)}
	}
	return actor.Ran, err
}

// results reads the results of a method that has run.
func (c *Client) results(answer *nats.Msg, m *method, name string, results any) error {
	if err := (format{}).decode(answer.Data, results); err != nil {
		reflect.ValueOf(results).Elem().SetZero() // not half of them
		return c.failed("call", name, actor.Ran, fmt.Errorf("the results cannot be read: %w", err))
	}
	return nil
}

// parse reads a header. What a server of another version may mean by it is not guessed.
func parse(header string) (t told, what actor.Outcome, err error) {
	if len(header) > maxTold {
		return t, actor.Unknown, fmt.Errorf("a header of %d bytes", len(header))
	}
	if err := json.Unmarshal([]byte(header), &t); err != nil {
		return t, actor.Unknown, err
	}
	for what, letter := range outcomes {
		if letter == t.Outcome {
			return t, what, nil
		}
	}
	return t, actor.Unknown, fmt.Errorf("the outcome %.20q", t.Outcome)
}
