package recipes_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
)

// Mailer is what Invoices depends on.
type Mailer interface {
	Remind(ctx context.Context, invoice string) error
}

// Invoices has a reminder sent for each that is not paid within a week.
type Invoices struct {
	self   *actor.Service[Invoices]
	mailer Mailer
	unpaid map[string]*actor.Timer // the reminder of each invoice
}

// newInvoices returns the constructor, which is given what it depends on.
func newInvoices(mailer Mailer) func(context.Context) (*Invoices, error) {
	return func(ctx context.Context) (*Invoices, error) {
		return &Invoices{actor.Self[Invoices](ctx), mailer, map[string]*actor.Timer{}}, nil
	}
}

func (i *Invoices) Issue(invoice string) {
	i.remindAfter(7*24*time.Hour, invoice)
}

func (i *Invoices) Paid(invoice string) {
	i.unpaid[invoice].Cancel() // of none that is unpaid, it does nothing
	delete(i.unpaid, invoice)
}

func (i *Invoices) remindAfter(d time.Duration, invoice string) {
	i.unpaid[invoice] = i.self.After(d, func(i *Invoices) { i.remind(invoice) })
}

// remind begins to send a reminder, and tries again in an hour if that fails and
// nobody has paid meanwhile.
func (i *Invoices) remind(invoice string) {
	mailer := i.mailer // what runs elsewhere does not touch the invoices
	send := func(ctx context.Context) (string, error) { return invoice, mailer.Remind(ctx, invoice) }
	sent := func(i *Invoices, invoice string, err error) {
		if err != nil && i.unpaid[invoice] != nil {
			i.remindAfter(time.Hour, invoice)
		}
	}
	if err := actor.Pipe(i.self, send, sent); err != nil {
		sent(i, invoice, err)
	}
}

// fakeMailer keeps what it was to send, and fails as it is told.
type fakeMailer struct {
	mu       sync.Mutex // Remind is called on goroutines of the service
	failures []error    // what Remind returns the first times
	sent     []string
}

func (m *fakeMailer) Remind(_ context.Context, invoice string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.failures) > 0 {
		err := m.failures[0]
		m.failures = m.failures[1:]
		return err
	}
	m.sent = append(m.sent, invoice)
	return nil
}

func (m *fakeMailer) Sent() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.sent)
}

// How is a service tested whose time is a week, and whose mail goes out?
func TestInvoicesRemindWhoHasNotPaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		mailer := &fakeMailer{failures: []error{errors.New("mailbox unavailable")}}
		invoices := actor.New(newInvoices(mailer))
		go invoices.Serve(t.Context())
		defer invoices.Stop(context.Background())

		invoices.Do(func(i *Invoices) { i.Issue("A1") })
		invoices.Do(func(i *Invoices) { i.Issue("B2") })
		invoices.Do(func(i *Invoices) { i.Paid("B2") })

		time.Sleep(7 * 24 * time.Hour) // of virtual time
		synctest.Wait()                // until all of it was done that was due
		if sent := mailer.Sent(); len(sent) != 0 {
			t.Errorf("reminded of %q, although the mailer has failed", sent)
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if sent := mailer.Sent(); !slices.Equal(sent, []string{"A1"}) {
			t.Errorf("reminded of %q, want A1, at the second try", sent)
		}
	})
}
