package imports

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/bruskajp/nano_services/examples/ledger/internal/dbtest"
	"github.com/bruskajp/nano_services/examples/ledger/internal/sample"
	"github.com/bruskajp/nano_services/examples/ledger/internal/store"
	"github.com/bruskajp/nano_services/examples/ledger/internal/treetest"
	"github.com/bruskajp/nano_services/supervisor"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func declare(t *testing.T, database string) store.Database {
	t.Helper()
	db, err := store.Declare(database, store.Size{Batch: 8, Queue: 8, Readers: 1}, func(store.Transfer) {}, treetest.Quiet())
	if err != nil {
		t.Fatal(err)
	}
	var services []supervisor.Service
	for _, c := range db.Children {
		services = append(services, c.Service)
	}
	treetest.Start(t, services...)
	return db
}

// run imports a file and returns what was told.
func run(t *testing.T, s store.Store, file io.Reader) (sum Summary, told []string, read int) {
	t.Helper()
	sum, err := Run(t.Context(), s, file,
		func(number int, reason string) { told = append(told, fmt.Sprintf("%d: %s", number, reason)) },
		func(bytes int) { read += bytes })
	if err != nil {
		t.Fatal(err)
	}
	return sum, told, read
}

// A file as a bank sends it is booked, and when it is imported again nothing changes.
func TestImportTwice(t *testing.T) {
	const lines = 1000
	var file bytes.Buffer
	if err := sample.Write(&file, lines, 1); err != nil {
		t.Fatal(err)
	}
	dbtest.Each(t, func(t *testing.T, database string) {
		db := declare(t, database)
		sum, told, read := run(t, db.Store, bytes.NewReader(file.Bytes()))
		if sum.Transfers+sum.Accounts != lines || sum.Accounts == 0 || len(told) > 0 || read != file.Len() {
			t.Errorf("%+v, told %q, %d of %d bytes", sum, told, read, file.Len())
		}
		before, err := db.Books.Check(t.Context())
		if err != nil || before.Err() != nil || before.Transfers != int64(sum.Transfers) {
			t.Errorf("%+v, %v", before, err)
		}
		sum, told, _ = run(t, db.Store, bytes.NewReader(file.Bytes()))
		if sum != (Summary{Known: lines}) || len(told) > 0 {
			t.Errorf("again: %+v, told %q", sum, told)
		}
		if after, err := db.Books.Check(t.Context()); after != before || err != nil {
			t.Errorf("again: %+v, %v; before %+v", after, err, before)
		}
	})
}

// What is wrong with a line is told, with its number, and does not stop the rest.
func TestWrongLines(t *testing.T) {
	const good = "r0,2026-03-01,,ada,100.00,opened\nr1,2026-03-01,,bob,0.00,opened\n"
	for name, c := range map[string]struct {
		file string
		want []string
		sum  Summary
	}{
		"none":        {sample.Header + "\n" + good, nil, Summary{Accounts: 2}},
		"empty":       {"", []string{`1: the header is "" and not "reference,date,from,to,amount,text"`}, Summary{Wrong: 1}},
		"Windows":     {"\xef\xbb\xbf" + strings.ReplaceAll(sample.Header+"\n"+good, "\n", "\r\n"), nil, Summary{Accounts: 2}},
		"no last end": {sample.Header + "\n\n" + strings.TrimSuffix(good, "\n"), nil, Summary{Accounts: 2}},
		"header": {"a,b\n" + good, []string{
			`1: the header is "a,b" and not "reference,date,from,to,amount,text"`}, Summary{Accounts: 2, Wrong: 1}},
		"fields": {sample.Header + "\nr2,2026-03-01,ada\n" + good, []string{
			"2: it has 3 fields and not 6: reference,date,from,to,amount,text"}, Summary{Accounts: 2, Wrong: 1}},
		"quote": {sample.Header + "\nr2,2026-03-01,,cy,1.00,\"open\n" + good, []string{
			`2: extraneous or missing " in quoted-field`}, Summary{Accounts: 2, Wrong: 1}},
		"no UTF-8": {sample.Header + "\nr2,2026-03-01,,cy,1.00,caf\xe9\n" + good, []string{
			"2: it is not UTF-8"}, Summary{Accounts: 2, Wrong: 1}},
		"too long": {sample.Header + "\n" + strings.Repeat("x", 3*longest) + "\n" + good, []string{
			"2: it is longer than 65536 bytes"}, Summary{Accounts: 2, Wrong: 1}},
		"values": {sample.Header + "\n" + good + "r2,1.3.26,ada,bob,1.00,x\nr3,2026-03-01,ada,bob,1,x\nr4,2026-03-01,ada,bob,-1.00,x\n" +
			"r5,2026-03-01,Ada,bob,1.00,x\nr6,2026-03-01,ada,bob,0.00,x\nr7,2026-03-01,ada,bob,1.00,x\n", []string{
			`4: the date "1.3.26" is not like 2026-03-31`, `5: the amount "1" is not like 12.50`, `6: the amount "-1.00" is not like 12.50`,
			`7: the account "Ada" (from) is not 1 to 40 characters of a-z, 0-9 and -, the first no -`,
			"8: the amount 0 is not 1 to 1000000000000"}, Summary{Accounts: 2, Transfers: 1, Wrong: 5}},
		"refused": {sample.Header + "\n" + good + "r2,2026-03-01,ada,bob,99.00,x\nr3,2026-03-01,ada,bob,2.00,x\nr4,2026-03-01,bob,nemo,1.00,x\n" +
			"r5,2026-03-01,,ada,1.00,x\nr2,2026-03-01,ada,bob,99.01,x\n", []string{
			"5: the account has not enough", "6: there is no account to give to", "7: the account exists",
			"8: the key was used for something else"}, Summary{Accounts: 2, Transfers: 1, Wrong: 4}},
	} {
		t.Run(name, func(t *testing.T) {
			db := declare(t, store.InMemory)
			sum, told, read := run(t, db.Store, strings.NewReader(c.file))
			if sum != c.sum || !slices.Equal(told, c.want) || read != len(c.file) {
				t.Errorf("%+v, told %q, %d bytes; want %+v, %q, %d", sum, told, read, c.sum, c.want, len(c.file))
			}
		})
	}
}

// What cannot be read is an error; what was read before is booked.
func TestReadFails(t *testing.T) {
	db := declare(t, store.InMemory)
	broken := errors.New("no disk")
	file := io.MultiReader(strings.NewReader(sample.Header+"\nr0,2026-03-01,,ada,1.00,x\n"), errorReader{broken})
	sum, err := Run(t.Context(), db.Store, file, func(int, string) {}, func(int) {})
	if !errors.Is(err, broken) || sum.Accounts != 1 {
		t.Errorf("%+v, %v", sum, err)
	}
}

type errorReader struct{ err error }

func (r errorReader) Read([]byte) (int, error) { return 0, r.err }
