// Package imports books the lines of a file.
//
//	reference,date,from,to,amount,text
//	B26-0000001,2026-03-01,,ada,100.00,opened
//	B26-0000002,2026-03-01,ada,bob,12.50,"lunch, and coffee"
//
// A line without from opens the account. The reference is the key of the line, so that a
// file that is imported again changes nothing. Date and text have to be what they are,
// and are not kept.
package imports

import (
	"encoding/csv"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/bruskajp/nano_services/examples/ledger/internal/sample"
	"github.com/bruskajp/nano_services/examples/ledger/internal/store"
)

// A line is what one asks for.
type line struct {
	number  int
	opening bool
	store.Order
}

var amountPattern = regexp.MustCompile(`^(\d{1,10})\.(\d\d)$`)

// parse reads a line, or says what is wrong with it.
func parse(number int, text string) (l line, err error) {
	if !utf8.ValidString(text) {
		return l, errors.New("it is not UTF-8")
	}
	r := csv.NewReader(strings.NewReader(text)) // one for each line, so that a quote does not reach into the next one
	fields, err := r.Read()
	if err != nil {
		var wrong *csv.ParseError
		if errors.As(err, &wrong) {
			err = wrong.Err
		}
		return l, err
	}
	want := strings.Count(sample.Header, ",") + 1
	if len(fields) != want {
		return l, fmt.Errorf("it has %d fields and not %d: %s", len(fields), want, sample.Header)
	}
	if _, err := time.Parse(time.DateOnly, fields[1]); err != nil {
		return l, fmt.Errorf("the date %q is not like 2026-03-31", fields[1])
	}
	m := amountPattern.FindStringSubmatch(fields[4])
	if m == nil {
		return l, fmt.Errorf("the amount %q is not like 12.50", fields[4])
	}
	amount, err := strconv.ParseInt(m[1]+m[2], 10, 64)
	if err != nil {
		return l, err
	}
	l = line{number, fields[2] == "", store.Order{Key: fields[0], From: fields[2], To: fields[3], Amount: amount}}
	if l.opening {
		return l, l.asOpening().Check()
	}
	return l, l.Order.Check()
}

func (l line) asOpening() store.Opening {
	return store.Opening{Key: l.Key, ID: l.To, Balance: l.Amount}
}
