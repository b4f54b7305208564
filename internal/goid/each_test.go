package goid

import (
	"sync"
	"testing"
)

func TestEachFindsAll(t *testing.T) {
	const n = 1000
	var r Registry[int]
	var entered, left sync.WaitGroup
	release := make(chan struct{})
	for i := range n {
		entered.Add(1)
		left.Go(func() {
			defer r.Leave(r.Enter(&i))
			entered.Done()
			<-release
		})
	}
	entered.Wait()
	seen := map[int]int{}
	r.Each(func(v *int) { seen[*v]++ })
	if len(seen) != n {
		t.Errorf("%d of %d", len(seen), n)
	}
	for v, times := range seen {
		if times != 1 {
			t.Fatalf("%d is seen %d times", v, times)
		}
	}
	close(release)
	left.Wait()
	r.Each(func(v *int) { t.Errorf("%d is left", *v) })
}
