package recipes_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
)

// Mailer is what Invoices depends on.
type Mailer interface {
	Send(ctx context.Context, to, text string) error
}

// Invoices reminds those who have not paid after a week, once.
type Invoices struct {
	self   *actor.Service[Invoices]
	mailer Mailer
}

// newInvoices returns the constructor, which takes what it depends on.
func newInvoices(mailer Mailer) func(context.Context) (*Invoices, error) {
	return func(ctx context.Context) (*Invoices, error) {
		return &Invoices{actor.Self[Invoices](ctx), mailer}, nil
	}
}

func (i *Invoices) Issue(customer string) {
	i.self.AfterKeyed(customer, 7*24*time.Hour, func(i *Invoices) { i.remind(customer) })
}

func (i *Invoices) Paid(customer string) { i.self.CancelKeyed(customer) }

func (i *Invoices) remind(customer string) {
	mailer := i.mailer
	actor.Pipe(i.self,
		func(ctx context.Context) (string, error) { return customer, mailer.Send(ctx, customer, "please pay") },
		(*Invoices).reminded)
}

// reminded tries again in an hour what could not be sent.
func (i *Invoices) reminded(customer string, err error) {
	if err != nil {
		i.self.AfterKeyed(customer, time.Hour, func(i *Invoices) { i.remind(customer) })
	}
}

// fakeMailer keeps what it was to send, and fails at first.
type fakeMailer struct {
	mu       sync.Mutex // Send is called on other goroutines than the test's
	failures []error    // what Send returns the first times
	sent     []string
}

func (m *fakeMailer) Send(_ context.Context, to, _ string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.failures) > 0 {
		err := m.failures[0]
		m.failures = m.failures[1:]
		return err
	}
	m.sent = append(m.sent, to)
	return nil
}

func (m *fakeMailer) Sent() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.sent)
}

func TestInvoicesRemindWhoHasNotPaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		mailer := &fakeMailer{failures: []error{context.DeadlineExceeded}}
		invoices := actor.New(newInvoices(mailer))
		go invoices.Serve(t.Context())
		defer invoices.Stop(context.Background())

		invoices.Do(func(i *Invoices) { i.Issue("ada") })
		invoices.Do(func(i *Invoices) { i.Issue("bob") })
		time.Sleep(24 * time.Hour) // of virtual time
		invoices.Do(func(i *Invoices) { i.Paid("bob") })

		time.Sleep(6 * 24 * time.Hour)
		synctest.Wait() // until nothing goes on any more
		if sent := mailer.Sent(); len(sent) != 0 {
			t.Errorf("sent to %v, although the mailer has failed", sent)
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if sent := mailer.Sent(); !slices.Equal(sent, []string{"ada"}) {
			t.Errorf("sent to %v, want ada, at the second try", sent)
		}
	})
}
