package store

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

//go:generate go tool nanogen -type Memory

// A MemoryDatabase keeps what was committed, for as long as it lives. It takes the place
// of a database in tests, and stands for -db memory:. It implements Books.
type MemoryDatabase struct {
	mu sync.RWMutex
	at memory
}

// NewMemoryDatabase returns one without accounts.
func NewMemoryDatabase() *MemoryDatabase {
	return &MemoryDatabase{at: memory{accounts: map[string]memoryAccount{}, keys: map[string]memoryKey{}}}
}

// memory is the books. Transfers are only ever appended, so copies share them.
type memory struct {
	accounts  map[string]memoryAccount
	keys      map[string]memoryKey // of transfers
	transfers []Transfer
}

type memoryAccount struct {
	Account
	key string
}

type memoryKey struct {
	order  Order
	answer Answer[Transfer]
}

func (m memory) clone() memory {
	return memory{maps.Clone(m.accounts), maps.Clone(m.keys), slices.Clip(m.transfers)}
}

// Memory writes to a MemoryDatabase, as a Writer does to a database: what was not
// committed is lost with it.
type Memory struct {
	db      *MemoryDatabase
	publish func(Transfer)
	open    *memory // the batch; nil: nothing yet
	fresh   int     // transfers of the batch
}

// NewMemory returns what writes to db; publish is that of NewWriter.
func NewMemory(db *MemoryDatabase, publish func(Transfer)) *Memory {
	if n := len(db.at.transfers); n > 0 {
		publish(db.at.transfers[n-1])
	}
	return &Memory{db: db, publish: publish}
}

// Ping returns nil.
func (m *Memory) Ping(context.Context) error { return nil }

// Commit ends the batch.
//
//nano:skip
func (m *Memory) Commit() error {
	if m.open == nil {
		return nil
	}
	m.db.mu.Lock()
	m.db.at = *m.open
	m.db.mu.Unlock()
	for _, t := range m.open.transfers[len(m.open.transfers)-m.fresh:] {
		m.publish(t)
	}
	m.open, m.fresh = nil, 0
	return nil
}

func (m *Memory) batch() *memory {
	if m.open == nil {
		at := m.db.at.clone() // nothing else writes to it
		m.open = &at
	}
	return m.open
}

// Open opens an account.
//
//nano:batched
func (m *Memory) Open(o Opening) (Answer[Account], error) {
	if err := o.Check(); err != nil {
		return Answer[Account]{}, err
	}
	at := m.batch()
	for _, a := range at.accounts {
		if a.key == o.Key && a.ID == o.ID && a.Opened == o.Balance {
			return Answer[Account]{Value: Account{o.ID, o.Balance, o.Balance}, Again: true}, nil
		}
		if a.key == o.Key {
			return Answer[Account]{Refusal: KeyUsed}, nil
		}
	}
	if _, exists := at.accounts[o.ID]; exists {
		return Answer[Account]{Refusal: AccountExists}, nil
	}
	a := Account{o.ID, o.Balance, o.Balance}
	at.accounts[o.ID] = memoryAccount{a, o.Key}
	return Answer[Account]{Value: a}, nil
}

// Transfer moves an amount from one account to another.
//
//nano:batched
func (m *Memory) Transfer(o Order) (Answer[Transfer], error) {
	if err := o.Check(); err != nil {
		return Answer[Transfer]{}, err
	}
	return m.book(o), nil
}

// TransferAll is Transfer for each of the orders.
//
//nano:batched
func (m *Memory) TransferAll(orders []Order) (answers []Answer[Transfer], err error) {
	if err := check(orders); err != nil {
		return nil, err
	}
	for _, o := range orders {
		answers = append(answers, m.book(o))
	}
	return answers, nil
}

func (m *Memory) book(o Order) Answer[Transfer] {
	at := m.batch()
	if k, known := at.keys[o.Key]; known {
		if k.order != o {
			return Answer[Transfer]{Refusal: KeyUsed}
		}
		k.answer.Again = true
		return k.answer
	}
	var a Answer[Transfer]
	from, fromExists := at.accounts[o.From]
	to, toExists := at.accounts[o.To]
	if !fromExists || !toExists || from.Balance < o.Amount || to.Balance > MaxAmount-o.Amount {
		a.Refusal = refusal(fromExists, toExists, from.Balance >= o.Amount)
	} else {
		from.Balance -= o.Amount
		to.Balance += o.Amount
		at.accounts[o.From], at.accounts[o.To] = from, to
		a.Value = Transfer{int64(len(at.transfers)) + 1, o.From, o.To, o.Amount, time.Now().UTC().Truncate(time.Millisecond)}
		at.transfers = append(at.transfers, a.Value)
		m.fresh++
	}
	at.keys[o.Key] = memoryKey{o, a}
	return a
}

// read returns what is committed. It is not changed any more: each batch has a copy.
func (db *MemoryDatabase) read() memory {
	db.mu.RLock()
	defer db.mu.RUnlock()
	return db.at
}

// Account returns an account.
func (db *MemoryDatabase) Account(_ context.Context, id string) (Account, error) {
	a, exists := db.read().accounts[id]
	if !exists {
		return Account{}, ErrNoAccount
	}
	return a.Account, nil
}

// Accounts returns accounts in the order of their IDs.
func (db *MemoryDatabase) Accounts(_ context.Context, after string, limit int) ([]Account, error) {
	list := []Account{}
	for _, a := range db.read().accounts {
		if a.ID > after {
			list = append(list, a.Account)
		}
	}
	slices.SortFunc(list, func(a, b Account) int { return strings.Compare(a.ID, b.ID) })
	return list[:min(limit, len(list))], nil
}

// Latest returns transfers, the latest first.
func (db *MemoryDatabase) Latest(_ context.Context, account string, before int64, limit int) ([]Transfer, error) {
	list := []Transfer{}
	for _, t := range slices.Backward(db.read().transfers) {
		if len(list) < limit && (before == 0 || t.ID < before) && (account == "" || account == t.From || account == t.To) {
			list = append(list, t)
		}
	}
	return list, nil
}

// After returns transfers in their order.
func (db *MemoryDatabase) After(_ context.Context, id int64, limit int) ([]Transfer, error) {
	all := db.read().transfers
	all = all[min(max(id, 0), int64(len(all))):]
	return append([]Transfer{}, all[:min(limit, len(all))]...), nil
}

// Last returns the ID of the last transfer.
func (db *MemoryDatabase) Last(context.Context) (int64, error) {
	return int64(len(db.read().transfers)), nil
}

// Turnover returns what each account has paid and got.
func (db *MemoryDatabase) Turnover(context.Context) (Turnover, error) {
	at := db.read()
	sums := map[string]AccountTurnover{}
	for _, t := range at.transfers {
		from, to := sums[t.From], sums[t.To]
		sums[t.From] = AccountTurnover{t.From, from.Paid + t.Amount, from.Received}
		sums[t.To] = AccountTurnover{t.To, to.Paid, to.Received + t.Amount}
	}
	byID := func(a, b AccountTurnover) int { return cmp.Compare(a.ID, b.ID) }
	return Turnover{int64(len(at.transfers)), slices.SortedFunc(maps.Values(sums), byID)}, nil
}

// Answered returns the answer of a transfer's key.
func (db *MemoryDatabase) Answered(_ context.Context, key string) (Answer[Transfer], error) {
	k, known := db.read().keys[key]
	if !known {
		return Answer[Transfer]{}, ErrNoKey
	}
	k.answer.Again = true
	return k.answer, nil
}

// Check compares balances with transfers, and transfers with keys.
func (db *MemoryDatabase) Check(context.Context) (Check, error) {
	at := db.read()
	c := Check{Accounts: int64(len(at.accounts)), Transfers: int64(len(at.transfers))}
	balance := map[string]int64{}
	for _, a := range at.accounts {
		c.Opened += a.Opened
		c.Sum += a.Balance
		balance[a.ID] += a.Opened
	}
	for _, t := range at.transfers {
		c.Last = max(c.Last, t.ID)
		balance[t.From] -= t.Amount
		balance[t.To] += t.Amount
	}
	for id, b := range balance {
		if at.accounts[id].Balance != b {
			c.Wrong++
		}
	}
	keys := map[int64]int{}
	for _, k := range at.keys {
		if k.answer.Value.ID != 0 {
			keys[k.answer.Value.ID]++
		}
	}
	for _, t := range at.transfers {
		if keys[t.ID] != 1 {
			c.Keyless++
		}
	}
	return c, nil
}
