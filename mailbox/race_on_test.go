//go:build race

package mailbox

// raceEnabled: the race detector has a sync.Pool lose things at random.
const raceEnabled = true
