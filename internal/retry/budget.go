package retry

import "sync"

const (
	budgetSize = 500
	retryCost  = 5
	refund     = 1
)

// budget bounds what the calls of a client spend on repeats. While a service
// is down, each call would otherwise send several requests where it sends one
// in good times; so it costs about 100 more in all.
type budget struct {
	mu     sync.Mutex
	tokens int
}

// spend pays for a repeat, or reports that there is nothing left to pay with.
func (b *budget) spend() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.tokens < retryCost {
		return false
	}
	b.tokens -= retryCost
	return true
}

// refund gives back for a call that succeeded.
func (b *budget) refund() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tokens = min(budgetSize, b.tokens+refund)
}

func (b *budget) left() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.tokens
}
