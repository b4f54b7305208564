package sim

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
)

// seed is what decides a run, as "few2.51.8e424e03a5": the strategy, in how many places there
// was something to choose, and the number that the generators begin with.
type seed struct {
	strategy string
	choices  int
	number   uint64
}

func (s seed) String() string { return fmt.Sprintf("%s.%d.%010x", s.strategy, s.choices, s.number) }

// parseSeed reads what String wrote.
func parseSeed(text string) (seed, error) {
	parts := strings.Split(text, ".")
	if len(parts) != 3 || strategies[parts[0]] == nil {
		return seed{}, fmt.Errorf("sim: %q is no seed, which looks like few2.51.8e424e03a5", text)
	}
	choices, err := strconv.Atoi(parts[1])
	if err != nil || choices < 0 {
		return seed{}, fmt.Errorf("sim: seed %q: %q is no number of choices", text, parts[1])
	}
	number, err := strconv.ParseUint(parts[2], 16, 64)
	if err != nil {
		return seed{}, fmt.Errorf("sim: seed %q: %q is no hexadecimal number", text, parts[2])
	}
	return seed{parts[0], choices, number}, nil
}

// rand returns a generator for what is called so.
func (s seed) rand(name string) *rand.Rand {
	return rand.New(rand.NewPCG(s.number, hashed(name)))
}
