// Package sample makes files as a bank sends them, for -import.
package sample

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"time"
)

// Header is the first line of such a file.
const Header = "reference,date,from,to,amount,text"

var (
	first    = []string{"ada", "ben", "clara", "dario", "edith", "farid", "greta", "hugo", "ines", "jonas", "kira", "leo", "mila", "noor", "otto", "paula"}
	last     = []string{"abel", "brandt", "cohen", "diaz", "eder", "fuchs", "garcia", "haas", "ivanov", "jung", "kaya", "lang"}
	shops    = []string{"bakery-haas", "city-market", "corner-books", "green-grocer", "north-pharmacy", "old-town-cafe", "rail-tickets", "bike-repairs"}
	landlord = "homes-ltd"
	employer = []string{"town-hall", "paper-mill", "harbour-works"}
	goods    = []string{"bread", "weekly shop", "a book, and a card", "vegetables", "cough syrup", "two coffees", "return ticket", "new tyre"}
)

// Write writes a file of n lines behind its header: accounts are opened, then a month's
// wages are paid, rent, and what people buy. The same seed gives the same file, and all
// of it can be booked.
func Write(w io.Writer, n int, seed uint64) error {
	out := bufio.NewWriter(w)
	m := maker{out: out, r: rand.New(rand.NewPCG(seed, seed)), balance: map[string]int64{}}
	fmt.Fprintln(out, Header)
	m.open(n)
	for m.lines < n {
		m.pay()
	}
	return out.Flush()
}

type maker struct {
	out     io.Writer
	r       *rand.Rand
	people  []string
	balance map[string]int64
	lines   int
}

// line writes one.
func (m *maker) line(from, to string, amount int64, text string) {
	m.lines++
	m.balance[from] -= amount
	m.balance[to] += amount
	date := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, m.lines/400)
	fmt.Fprintf(m.out, "B26-%07d,%s,%s,%s,%d.%02d,%q\n", m.lines, date.Format(time.DateOnly), from, to, amount/100, amount%100, text)
}

// open opens accounts, a tenth of all lines at most.
func (m *maker) open(n int) {
	open := func(id string, balance int64) {
		if m.lines < max(n/10, 2) {
			m.line("", id, balance, "opened")
		}
	}
	for _, id := range employer {
		open(id, 90_000_000)
	}
	open(landlord, 0)
	for _, id := range shops {
		open(id, 250_000)
	}
	for _, f := range first {
		for _, l := range last {
			if m.lines < max(n/10, 2) {
				m.people = append(m.people, f+"-"+l)
				open(f+"-"+l, int64(m.r.IntN(300_000)))
			}
		}
	}
}

// pay is one payment that its account can afford.
func (m *maker) pay() {
	if len(m.people) == 0 { // a very short file
		m.line(employer[0], employer[1], 1, "test")
		return
	}
	person := m.people[m.r.IntN(len(m.people))]
	switch what := m.r.IntN(20); {
	case m.balance[person] < 100_000:
		m.line(employer[m.r.IntN(len(employer))], person, int64(180_000+m.r.IntN(220_000)), "wages")
	case what == 0:
		m.line(person, landlord, int64(55_000+m.r.IntN(40_000)), "rent")
	case what < 4:
		if to := m.people[m.r.IntN(len(m.people))]; to != person {
			m.line(person, to, int64(100+m.r.IntN(5_000)), "thanks for lunch")
		}
	default:
		i := m.r.IntN(len(shops))
		m.line(person, shops[i], int64(150+m.r.IntN(9_000)), goods[i])
	}
}
