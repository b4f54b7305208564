package uses

// prelude is what the methods of the table have: their state, and what they call.
const prelude = `package p

import (
	"bytes"
	"container/list"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bruskajp/nano_services/actor"
)

var (
	_ = bytes.Clone
	_ = errors.New
	_ = io.EOF
	_ = maps.Copy[map[int]int, map[int]int]
	_ = rand.Shuffle
	_ = sort.Ints
	_ = strings.Join
	_ atomic.Int64
	_ http.Handler
	current io.Writer
)

type Item struct {
	id    int
	tags  []string
	next  *Item
	seen  atomic.Int64
	mu    sync.Mutex
}

func (i *Item) mark()     { i.id++ }
func (i *Item) ID() int   { return i.id }
func (i Item) name() string { return fmt.Sprint(i.id) }

type Point struct{ X, Y int }

type Options struct {
	Name   string
	OnDone func()
	Tags   []string
	Out    io.Writer
	When   time.Time
}

type Event interface{ kind() int }
type Added struct{ item *Item }
type Filled struct{ dst []int }

func (*Added) kind() int { return 1 }
func (Filled) kind() int { return 2 }

type wrapper struct{ w io.Writer }

func (w *wrapper) Write(p []byte) (int, error) { return w.w.Write(p) }

type Grid struct{ cells [9]int }

type batch struct{ items []*Item }

func (b *batch) add(i *Item) { b.items = append(b.items, i) }
func (b *batch) mark() { for _, i := range b.items { i.mark() } }

type StockService struct{}

type Stock struct{ items []*Item }

func (s *Stock) Take(i *Item)  { s.items = append(s.items, i) }
func (s *Stock) Stamp(i *Item) { i.id = len(s.items) }
func (s *Stock) Lock() { <-make(chan int) }

type S struct {
	n      int
	items  []*Item
	lines  []string
	byID   map[int]*Item
	last   any
	events []Event
	hooks  []func()
	hook   func(*Item)
	watch func(chan int)
	out    io.Writer
	sink   interface{ Put(*Item); Wait() }
	buf    []byte
	ch     chan int
	wg     sync.WaitGroup
	cond   *sync.Cond
	log    *slog.Logger
	stock  StockService
	other  *actor.Service[Stock]
	enc    *json.Encoder
	subs   []chan<- int
	list   list.List
	current atomic.Pointer[Item]
	known  sync.Map
}

type Cache[K comparable, V any] struct{ m map[K]V }

type Stater interface{ State() int }
type Bag[T Stater] struct{ all []T; n int }

func (s *S) keep(item *Item)         { s.items = append(s.items, item) }
func (s *S) stamp(item *Item)        { item.id = s.n }
func (s *S) hold(f func())           { s.hooks = append(s.hooks, f) }
func (s *S) each(f func(*Item))      { for _, i := range s.items { f(i) } }
func (s *S) flush()                  { s.sync() }
func (s *S) sync()                   { <-s.ch }
func (s *S) emit(x any)              { s.last = x }
func (s *S) print(args ...any)       { s.log.Info("printed", args...) }
func (s *S) write(w io.Writer)       { fmt.Fprint(w, s.n) }
func (s *S) remember(w io.Writer)    { s.out = w }
func (s *S) lend(w io.Writer)        { s.out = w; s.flush(); s.out = nil }
func wrap(f func()) func()           { return func() { f() } }
func tail(item *Item) *Item          { for item.next != nil { item = item.next }; return item }
func named(item *Item) (i *Item)     { i = item; return }
func even(item *Item, n int)         { if n > 0 { odd(item, n-1) } }
func odd(item *Item, n int)          { item.id = n; even(item, n-1) }
func ping(item *Item, n int)         { if n > 0 { pong(item, n-1) } }
func pong(item *Item, n int)         { ping(item, n-1) }
func even2(item *Item, n int) { odd2(item, n-1); item.id = n }
func odd2(item *Item, n int) { if n > 0 { even2(item, n-1) } }
func drop(items ...*Item) { items[0] = nil }
func pair(item *Item) (int, *Item) { return 1, item }
func second(n int, item *Item) { item.id = n }
func fill(d []int)                   { for i := range d { d[i] = i } }
func put(b *batch, item *Item)       { b.items = append(b.items, item) }
func asm(p *Item)
`

// The methods have these names in the table: without results, and of S if nothing else
// is said. What is wanted is the reason, with its letter; "" is a hand-over.
var table = []struct{ method, want string }{
	// Handed over: stored, appended, sent to another goroutine, read.
	{`Add(item *Item) { s.items = append(s.items, item) }`, ""},
	{`Append(lines []string) { s.lines = append(s.lines, lines...) }`, ""},
	{`Replace(lines []string) { s.lines = lines }`, ""},
	{`Index(item *Item) { s.byID[item.id] = item }`, ""},
	{`Log(msg any) { s.last = msg }`, ""},
	{`Print(msg any) { fmt.Fprintln(s.out, msg) }`, ""},
	{`Logf(format string, args ...any) { fmt.Fprintf(s.out, format, args...) }`, ""},
	{`Fail(err error) { if errors.Is(err, io.EOF) { s.n = len(err.Error()) } }`, ""},
	{`Sum(numbers ...int) { for _, n := range numbers { s.n += n }; sort.Ints(numbers) }`, ""},
	{`Inc() { s.n++ }`, ""},
	{`Unused(item *Item, dst []int, w io.Writer) {}`, ""},
	{`Unnamed([]int, io.Writer) {}`, ""},
	{`Count(items []*Item) { for _, i := range items { s.n += i.id + len(i.tags) } }`, ""},
	{`Tags(item *Item) { s.lines = append(s.lines, item.tags...) }`, ""},
	{`Move(p Point) { p.X++; s.n = p.X }`, ""},
	{`Array(a [3]int) { a[0] = 1; s.n = a[0] }`, ""},
	{`At(t time.Time) { s.n = t.Add(time.Second).Year() }`, ""},
	{`WithContext(ctx context.Context, n int) { if ctx.Err() == nil { s.n = n } }`, ""},
	{`OnChange(f func()) { s.hooks = append(s.hooks, f) }`, ""},
	{`OnChangeOnce(f func()) { if f != nil { s.hooks = []func(){f} } }`, ""},
	{`Wrapped(f func()) { s.hooks = append(s.hooks, func() { s.n++; f() }) }`, ""},
	{`WrappedElsewhere(f func()) { s.hold(wrap(f)) }`, ""},
	{`Held(f func()) { s.hold(f) }`, ""},
	{`HeldLiteral(item *Item) { s.hold(func() { item.id++ }) }`, ""},
	{`Started(f func()) { go f() }`, ""},
	{`StartedLiteral(dst []int) { go func() { dst[0] = 1 }() }`, ""},
	{`StartedMethod(item *Item) { go item.mark() }`, ""},
	{`Later(f func()) { time.AfterFunc(time.Second, f) }`, ""},
	{`LaterLiteral(item *Item) { time.AfterFunc(time.Second, func() { item.mark() }) }`, ""},
	{`Listed(item *Item) { s.list.PushBack(item) }`, ""},
	{`Current(item *Item) { s.current.Store(item); s.known.Store(item.id, item) }`, ""},
	{`Group(item *Item) { s.wg.Go(func() { item.mark() }) }`, ""},
	{`Handle(e Event) { s.events = append(s.events, e) }`, ""},
	{`Asserted(e Event) { if a, ok := e.(*Added); ok { s.items = append(s.items, a.item) } }`, ""},
	{`Switched(e Event) { switch e := e.(type) { case *Added: s.items = append(s.items, e.item); case Filled: s.n = e.dst[0] } }`, ""},
	{`Replaced(lines []string) { s.lines = nil; s.lines = lines; s.lines = append(s.lines, "x") }`, ""},
	{`ReplacedElse(item *Item) { if item.id > 0 { s.last = item } else { s.last = nil } }`, ""},
	{`SetOutput(w io.Writer) { s.out = w }`, ""},
	{`Remember(w io.Writer) { s.remember(w) }`, ""},
	{`Configure(o Options) { s.out, s.hooks, s.lines = o.Out, append(s.hooks, o.OnDone), o.Tags; s.n = o.When.Year() }`, ""},
	{`Kept(item *Item) { s.keep(item) }`, ""},
	{`Emitted(item *Item) { s.emit(item) }`, ""},
	{`Printed(item *Item) { s.print("item", item) }`, ""},
	{`Named(item *Item) { s.lines = append(s.lines, item.name(), fmt.Sprint(item.ID(), item)) }`, ""},
	{`Encoded(item *Item) { b, _ := json.Marshal(item); s.buf = append(s.buf, b...); s.enc.Encode(item) }`, ""},
	{`Merge(m map[int]*Item) { maps.Copy(s.byID, m) }`, ""},
	{`Keys(m map[int]*Item) { for k := range maps.Keys(m) { s.n += k }; for _, i := range slices.Sorted(maps.Keys(m)) { s.n += i } }`, ""},
	{`Contains(lines []string) { if slices.Contains(lines, "x") { s.n++ } }`, ""},
	{`Find(items []*Item) { s.n = slices.IndexFunc(items, func(i *Item) bool { return i.id == s.n }) }`, ""},
	{`SortedCopy(ns []int) { c := slices.Clone(ns); slices.Sort(c); s.n = c[0] }`, ""},
	{`CopiedByHand(ns []int) { c := append([]int(nil), ns...); c[0] = 1; d := make([]int, len(ns)); copy(d, ns); d[0] = 2 }`, ""},
	{`CopiedPointers(items []*Item) { c := append(items[:0:0], items...); c[0] = nil; s.items = c }`, ""},
	{`Boxed(item *Item) { b := &batch{items: []*Item{item}}; b.items = nil; s.last = b }`, ""},
	{`Recursion(item *Item) { ping(item, 3) }`, ""},
	{`Tail(item *Item) { s.items = append(s.items, tail(item)) }`, ""},
	{`Copy(item *Item) { var c Item; c.id = item.id; c.next = item.next; c.next = nil; s.last = &c }`, ""},
	{`Linked(item *Item) { t := s.byID[1]; t.next = item; t.next.mark() }`, ""},
	{`Dropped(item *Item) { drop(item) }`, ""},
	{`Watched(ch chan int) { s.watch(ch) }`, ""},
	{`Subscribe(ch chan<- int) { s.subs = append(s.subs, ch) }`, ""},
	{`Signal(done chan struct{}) { close(done) }`, ""},
	{`Offer(n int) { select { case s.ch <- n: default: } }`, ""},
	{`Drain() { for { select { case n := <-s.ch: s.n += n; continue; default: }; break } }`, ""},
	{`Loop() { go func() { for n := range s.ch { s.n += n } }() }`, ""},
	{`Send(item *Item) { s.other.Do(func(st *Stock) { st.Stamp(item) }) }`, ""},
	{`Stock(item *Item) { s.stock.Take(item) }`, ""},
	{`StockSent(item *Item) { s.stock.Do(func(st *Stock) { st.Stamp(item) }) }`, ""},
	{`StockLock() { s.stock.Lock() }`, ""},
	{`Service(svc *actor.Service[Stock]) { svc.Do(func(st *Stock) { st.items = nil }) }`, ""},
	{`Scratch(item *Item) { var b strings.Builder; b.WriteString(item.name()); s.lines = append(s.lines, b.String()) }`, ""},
	{`func (c *Cache[K, V]) Put(k K, v V) { c.m[k] = v }`, ""},
	{`func (b *Bag[T]) Put(v T) { b.all = append(b.all, v); b.n = v.State() }`, ""},

	// (a) A function is called, or may be.
	{`Each(f func(int)) { for i := range s.n { f(i) } }`, "(a) calls f"},
	{`NotCalled(f func(int)) {}`, "(a) does not store f"},
	{`NotNamed(func(int)) {}`, "(a) does not store a parameter"},
	{`Deferred(f func()) { defer f() }`, "(a) calls f"},
	{`Renamed(f func()) { g := f; g() }`, "(a) calls g (of f)"},
	{`InLiteral(f func()) { func() { f() }() }`, "(a) calls f"},
	{`InVariable(f func()) { g := func() { f() }; if s.n > 0 { g() } }`, "(a) calls f"},
	{`InDefer(f func()) { defer func() { f() }() }`, "(a) calls f"},
	{`ToKnown(f func(*Item)) { s.each(f) }`, "(a) passes f to s.each, which calls f"},
	{`ToUnknown(less func(a, b int) bool) { sort.Slice(s.items, func(i, j int) bool { return less(i, j) }) }`, "(a) calls less"},
	{`Visit(f func(*Item)) { s.each(func(i *Item) { f(i) }) }`, "(a) calls f"},
	{`SortBy(cmp func(a, b *Item) int) { slices.SortFunc(s.items, cmp) }`, "(a) passes cmp to slices.SortFunc, which is not read"},
	{`Wrapping(f func()) { g := wrap(f); g() }`, "(a) calls g (of f)"},
	{`Field(o Options) { s.out = o.Out; o.OnDone() }`, "(a) calls o.OnDone"},
	{`Several(fs ...func()) { for _, f := range fs { f() } }`, "(a) calls f (of fs)"},
	{`Range(yield func(int, *Item) bool) { for i, x := range s.items { if !yield(i, x) { return } } }`, "(a) calls yield"},
	{`From(seq func(yield func(int) bool)) { for n := range seq { s.n += n } }`, "(a) ranges over seq"},
	{`func (c *Cache[K, V]) Update(k K, f func(V) V) { c.m[k] = f(c.m[k]) }`, "(a) calls f"},

	// (b) An interface is asked, or passed on.
	{`ServeHTTP(w http.ResponseWriter, r *http.Request) { w.WriteHeader(len(r.URL.Path)) }`, "(b) calls w.WriteHeader"},
	{`Write(w io.Writer) { fmt.Fprint(w, s.n) }`, "(b) passes w to fmt.Fprint, which is not read"},
	{`WriteElsewhere(w io.Writer) { s.write(w) }`, "(b) passes w to s.write, which passes w to fmt.Fprint, which is not read"},
	{`WriteWrapped(w io.Writer) { fmt.Fprint(&wrapper{w}, s.n) }`, "(c) passes &wrapper{…} (of w) to fmt.Fprint, which is not read"},
	{`Kind(e Event) { s.n = e.kind() }`, "(b) calls e.kind"},
	{`Stringer(x fmt.Stringer) { fmt.Println(x) }`, "(b) passes x to fmt.Println, which is not read"},
	{`Flush(w io.Writer) { if f, ok := w.(http.Flusher); ok { f.Flush() } }`, "(b) calls f.Flush (of w)"},
	{`Kinds(events []Event) { for _, e := range events { s.n += e.kind() } }`, "(b) calls e.kind (of events)"},
	{`Method(w io.Writer) { f := w.Write; f(s.buf) }`, "(a) calls f (of w)"},
	{`Out(o *Options) { o.Out.Write(s.buf) }`, "(b) calls o.Out.Write"},
	{`Lent(w io.Writer) { s.out = w; s.print("x"); s.out = nil }`, "(b) has w in s.out only until it returns"},
	{`LentAndRestored(w io.Writer) { old := s.out; defer func() { s.out = old }(); s.out = w; s.print("x") }`, "(b) has w in s.out only until it returns"},
	{`LentElsewhere(w io.Writer) { s.lend(w) }`, "(b) passes w to s.lend, which has w in s.out only until it returns"},
	{`LentToVariable(w io.Writer) { current = w; s.print("x"); current = nil }`, "(b) has w in current only until it returns"},
	{`Second(n int, ctx context.Context) { s.n = len(fmt.Sprint(ctx.Err())) }`, "(b) calls ctx.Err"},

	// (c) A pointer, a slice or a map is written to, or passed to what may.
	{`Fill(dst []int) { for i := range dst { dst[i] = i } }`, "(c) writes to dst[i]"},
	{`FillElsewhere(dst []int) { fill(dst) }`, "(c) passes dst to fill, which writes to d[i]"},
	{`FillPart(dst []int) { d := dst[1:]; d[0]++ }`, "(c) writes to d[0] (of dst)"},
	{`FillResult(dst []int) { get := func() []int { return dst }; get()[0] = 1 }`, "(c) writes to get()[0] (of dst)"},
	{`FillFirst(dst []int) { g := func() { dst[0] = 1 }; g(); dst[1] = 2 }`, "(c) writes to dst[0]"},
	{`FillInRange(dst []int) { for range func(func(int) bool) { dst[0] = 1 } {} }`, "(c) writes to dst[0]"},
	{`BuiltByAddress(item *Item) { var b batch; put(&b, item); b.items[0].id = 1 }`, "(c) writes to b.items[0].id (of item)"},
	{`BuiltOn(item *Item) { b := &batch{items: s.items}; b.items = append(b.items, item); b.mark() }`, "(c) passes b (of item) to b.mark, which writes to i.id"},
	{`Find2(items []*Item) { slices.IndexFunc(items, func(i *Item) bool { i.id = 1; return false }) }`, "(c) writes to i.id (of items)"},
	{`MapCopy(m map[int]*Item) { c := map[int]*Item{}; maps.Copy(c, m); c[0].id = 1 }`, "(c) writes to c[0].id (of m)"},
	{`SliceCopy(items []*Item) { c := make([]*Item, 9); copy(c, items); c[0].id = 1 }`, "(c) writes to c[0].id (of items)"},
	{`SliceAppend(items []*Item) { var c []*Item; c = append(c, items...); c[0].id = 1 }`, "(c) writes to c[0].id (of items)"},
	{`Logger(l *slog.Logger) { l.Info("logged") }`, "(c) calls l.Info, which is not read"},
	{`DecodeConverted(x *Item) { json.Unmarshal(s.buf, any(x)) }`, "(c) passes any(x) to json.Unmarshal, which is not read"},
	{`Grid(g *Grid) { g.cells[s.n] = 1 }`, "(c) writes to g.cells[s.n]"},
	{`Even2(item *Item) { even2(item, 3) }`, "(c) passes item to even2, which writes to item.id"},
	{`Odd2(item *Item) { odd2(item, 3) }`, "(c) passes item to odd2, which writes to item.id"},
	{`StockStampContext(ctx context.Context, item *Item) { s.stock.Stamp(ctx, item) }`, "(c) passes item to s.stock.Stamp, which writes to i.id"},
	{`CopyTo(dst []byte) { copy(dst, s.buf) }`, "(c) copies into dst"},
	{`ClearAll(m map[int]int) { clear(m) }`, "(c) clears m"},
	{`Remove(m map[int]int) { delete(m, s.n) }`, "(c) deletes from m"},
	{`AppendTo(dst []byte) { s.buf = append(dst, s.buf...) }`, "(c) appends to dst"},
	{`Put(m map[string]int) { m["n"] = s.n }`, `(c) writes to m["n"]`},
	{`Snapshot(p *Point) { *p = Point{s.n, s.n} }`, "(c) writes to *p"},
	{`Stamp(item *Item) { item.id = s.n; s.items = append(s.items, item) }`, "(c) writes to item.id"},
	{`StampNext(item *Item) { for i := item; i != nil; i = i.next { i.id = s.n } }`, "(c) writes to i.id (of item)"},
	{`StampElsewhere(item *Item) { s.stamp(item) }`, "(c) passes item to s.stamp, which writes to item.id"},
	{`StampMethod(item *Item) { item.mark() }`, "(c) passes item to item.mark, which writes to i.id"},
	{`StampExpression(item *Item) { (*Item).mark(item) }`, "(c) passes item to (*Item).mark, which writes to i.id"},
	{`StampAll(items []*Item) { for _, i := range items { i.id = s.n } }`, "(c) writes to i.id (of items)"},
	{`StampTail(item *Item) { tail(item).id = 1 }`, "(c) writes to tail(item).id"},
	{`StampPair(item *Item) { second(pair(item)) }`, "(c) passes pair(item) to second, which writes to item.id"},
	{`StampSecond(item *Item) { _, i := pair(item); i.id = 1 }`, "(c) writes to i.id (of item)"},
	{`StampNamed(item *Item) { i := named(item); i.id = 1 }`, "(c) writes to i.id (of item)"},
	{`Field2(item *Item) { p := &item.id; *p = s.n }`, "(c) writes to *p (of item)"},
	{`Count2(item *Item) { item.seen.Add(1) }`, "(c) calls item.seen.Add, which is not read"},
	{`Begin(wg *sync.WaitGroup) { wg.Go(func() { s.n++ }) }`, "(c) calls wg.Go, which is not read"},
	{`AtomicStore(p *atomic.Pointer[Item]) { p.Store(s.items[0]) }`, "(c) calls p.Store, which is not read"},
	{`AtomicAdd(p *int64) { atomic.AddInt64(p, 1) }`, "(c) passes p to atomic.AddInt64, which is not read"},
	{`Locked(item *Item) { item.mu.Lock(); defer item.mu.Unlock(); s.n = item.id }`, "(c) calls item.mu.Lock, which is not read"},
	{`Odd(item *Item) { even(item, 3) }`, "(c) passes item to even, which writes to item.id"},
	{`InsideOptions(o Options) { o.Name = "x"; o.Tags[0] = o.Name }`, "(c) writes to o.Tags[0]"},
	{`InsideBox(item *Item) { b := &batch{items: []*Item{item}}; b.items[0].id = 1 }`, "(c) writes to b.items[0].id (of item)"},
	{`Collected(items []*Item) { var all []*Item; for _, i := range items { all = append(all, i) }; all[0].id = 1 }`, "(c) writes to all[0].id (of items)"},
	{`Built(item *Item) { var b batch; b.add(item); b.mark() }`, "(c) passes b (of item) to b.mark, which writes to i.id"},
	{`BuiltElsewhere(item *Item) { b := new(batch); put(b, item); for _, i := range b.items { i.id++ } }`, "(c) writes to i.id (of item)"},
	{`Filled(e Event) { if f, ok := e.(Filled); ok { f.dst[0] = 1 } }`, "(c) writes to f.dst[0] (of e)"},
	{`SwitchedTo(e Event) { switch e := e.(type) { case Filled: e.dst[0] = 1; case *Added: s.items = nil } }`, "(c) writes to e.dst[0] (of e)"},
	{`Shuffle(ns []int) { rand.Shuffle(len(ns), func(i, j int) { ns[i], ns[j] = ns[j], ns[i] }) }`, "(c) writes to ns[i]"},
	{`SortInPlace(ns []int) { slices.Sort(ns) }`, "(c) passes ns to slices.Sort, which is not read"},
	{`Read(p []byte) { io.ReadFull(bytes.NewReader(s.buf), p) }`, "(c) passes p to io.ReadFull, which is not read"},
	{`Hooked(item *Item) { s.hook(item) }`, "(c) passes item to s.hook, which is not read"},
	{`Sunk(item *Item) { s.sink.Put(item) }`, "(c) passes item to s.sink.Put, which is not read"},
	{`Decode(x *Item) { json.Unmarshal(s.buf, x) }`, "(c) passes x to json.Unmarshal, which is not read"},
	{`DecodeAny(x *Item) { var y any = x; json.Unmarshal(s.buf, y) }`, "(c) passes y (of x) to json.Unmarshal, which is not read"},
	{`Assembly(item *Item) { asm(item) }`, "(c) passes item to asm, which is not read"},
	{`Visitor(item *Item) { var walk func(i *Item); walk = func(i *Item) { if i != nil { i.id++; walk(i.next) } }; walk(item) }`, "(c) writes to i.id (of item)"},
	{`EachOf(items []*Item) { for i := range slices.Values(items) { i.id = 1 } }`, "(c) writes to i.id (of items)"},
	{`MergeInto(m map[int]*Item) { maps.Copy(m, s.byID) }`, "(c) passes m to maps.Copy, which is not read"},
	{`Print2(buf *bytes.Buffer) { fmt.Fprint(buf, s.n) }`, "(c) passes buf to fmt.Fprint, which is not read"},
	{`StockStamp(item *Item) { s.stock.Stamp(item) }`, "(c) passes item to s.stock.Stamp, which writes to i.id"},
	{`Asked(item *Item) { actor.Get(context.Background(), s.other, func(st *Stock) int { st.Stamp(item); return 0 }) }`, "(c) passes item to st.Stamp, which writes to i.id"},
	{`NotRead(r *http.Request) { s.lines = append(s.lines, r.FormValue("x")) }`, "(c) calls r.FormValue, which is not read"},
	{`Unresolved(item *Item) { s.nothing(item) }`, "(c) passes item to s.nothing, which is not read"},

	// (d) It waits for something else.
	{`Receive() { s.n = <-s.ch }`, "(d) receives from s.ch"},
	{`Push(n int) { s.ch <- n }`, "(d) sends to s.ch"},
	{`Select(ctx context.Context) { select { case <-ctx.Done(): case n := <-s.ch: s.n = n } }`, "(d) selects without a default"},
	{`Forever() { select {} }`, "(d) selects without a default"},
	{`SelectAndWait() { select { case s.ch <- <-s.ch: default: } }`, "(d) receives from s.ch"},
	{`All() { for n := range s.ch { s.n += n } }`, "(d) ranges over s.ch"},
	{`Wait() { s.wg.Wait() }`, "(d) calls s.wg.Wait"},
	{`Cond() { for s.n == 0 { s.cond.Wait() } }`, "(d) calls s.cond.Wait"},
	{`SinkWait() { defer s.sink.Wait() }`, "(d) calls s.sink.Wait"},
	{`Deep() { s.flush() }`, "(d) calls s.flush, which receives from s.ch"},
	{`InRun() { s.each(func(*Item) { s.sync() }) }`, "(d) calls s.sync, which receives from s.ch"},
	{`After() { func() { <-time.After(time.Second) }() }`, "(d) receives from time.After(time.Second)"},
}
