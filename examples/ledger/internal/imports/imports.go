package imports

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/bruskajp/nano_services/examples/ledger/internal/sample"
	"github.com/bruskajp/nano_services/examples/ledger/internal/store"
)

// A Summary is what has become of the lines of a file.
type Summary struct {
	Accounts  int // opened
	Transfers int // booked
	Known     int // lines that had been imported before
	Wrong     int // lines that were told, and are not booked
}

// longest is how long a line may be, in bytes.
const longest = 64 << 10

// atOnce is how many transfers are one transaction, at most.
const atOnce = 250

const tries = 4

// An importer books the lines of one file.
type importer struct {
	store   store.Store
	told    func(number int, reason string)
	waiting []line // transfers of the next transaction
	sum     Summary
}

// Run books what it reads, line by line and in their order. A line that cannot be booked
// is told, with its number and the reason, and does not stop the rest. read is told how
// many bytes are done. The error is one of reading, or of the database: what was booked
// before stays so, and the import may be repeated.
func Run(ctx context.Context, s store.Store, from io.Reader, told func(number int, reason string), read func(bytes int)) (Summary, error) {
	in := bufio.NewReaderSize(from, longest)
	i := importer{store: s, told: told}
	for number := 1; ; number++ {
		text, size, err := next(in)
		if size == 0 && err == io.EOF && number > 1 {
			break
		}
		if err != nil && err != io.EOF && !errors.Is(err, errLong) {
			return i.sum, errors.Join(err, i.flush(ctx))
		}
		if err := i.line(ctx, number, text, errors.Is(err, errLong)); err != nil {
			return i.sum, err
		}
		read(size)
	}
	return i.sum, i.flush(ctx)
}

var errLong = fmt.Errorf("it is longer than %d bytes", longest)

// next returns the next line without its end, and its size with it.
func next(in *bufio.Reader) (text string, size int, err error) {
	data, err := in.ReadSlice('\n')
	size = len(data)
	text = string(bytes.TrimRight(data, "\r\n"))
	for errors.Is(err, bufio.ErrBufferFull) {
		data, err = in.ReadSlice('\n')
		size += len(data)
		if !errors.Is(err, bufio.ErrBufferFull) && (err == nil || err == io.EOF) {
			err = errLong
		}
	}
	return text, size, err
}

// line books a line, or tells what is wrong with it. The error is the database's.
func (i *importer) line(ctx context.Context, number int, text string, long bool) error {
	if number == 1 {
		text = string(bytes.TrimPrefix([]byte(text), []byte("\xef\xbb\xbf"))) // as some programs begin UTF-8
	}
	switch {
	case long:
		i.wrong(number, errLong.Error())
		return nil
	case number == 1:
		if text != sample.Header {
			i.wrong(number, fmt.Sprintf("the header is %.80q and not %q", text, sample.Header))
		}
		return nil
	case text == "":
		return nil
	}
	l, err := parse(number, text)
	if err != nil {
		i.wrong(number, store.Reason(err))
		return nil
	}
	if l.opening {
		return i.open(ctx, l)
	}
	if i.waiting = append(i.waiting, l); len(i.waiting) < atOnce {
		return nil
	}
	return i.flush(ctx)
}

func (i *importer) wrong(number int, reason string) {
	i.sum.Wrong++
	i.told(number, reason)
}

// open opens an account, behind the transfers that stand before it.
func (i *importer) open(ctx context.Context, l line) error {
	if err := i.flush(ctx); err != nil {
		return err
	}
	a, err := store.Settle(ctx, tries, func(ctx context.Context) (store.Answer[store.Account], error) {
		return i.store.Open(ctx, l.asOpening())
	})
	if err != nil {
		return err
	}
	i.count(l, a.Refusal, a.Again, &i.sum.Accounts)
	return nil
}

// flush books the transfers that wait.
func (i *importer) flush(ctx context.Context) error {
	if len(i.waiting) == 0 {
		return nil
	}
	orders := make([]store.Order, 0, len(i.waiting))
	for _, l := range i.waiting {
		orders = append(orders, l.Order)
	}
	answers, err := store.Settle(ctx, tries, func(ctx context.Context) ([]store.Answer[store.Transfer], error) {
		return i.store.TransferAll(ctx, orders)
	})
	if err != nil {
		return err
	}
	for n, a := range answers {
		i.count(i.waiting[n], a.Refusal, a.Again, &i.sum.Transfers)
	}
	i.waiting = i.waiting[:0]
	return nil
}

func (i *importer) count(l line, refusal store.Refusal, again bool, done *int) {
	switch {
	case refusal != "":
		i.wrong(l.number, string(refusal))
	case again:
		i.sum.Known++
	default:
		*done++
	}
}
