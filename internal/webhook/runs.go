package webhook

import (
	"context"
	"sync"
)

// runs counts functions that run. Its zero value has none.
type runs struct {
	mu       sync.Mutex
	count    int
	requests int           // those for which there is a limit, until they leave
	idle     chan struct{} // closed when the count comes to zero; nil if nobody waits
}

func (r *runs) begin() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.count++
}

// beginRequest counts one for a request, unless there are as many as there may be.
// It leaves before it ends.
func (r *runs) beginRequest(most int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.requests >= most {
		return false
	}
	r.requests++
	r.count++
	return true
}

// leave makes room for another request.
func (r *runs) leave() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.requests--
}

func (r *runs) end() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.count--; r.count == 0 && r.idle != nil {
		close(r.idle)
		r.idle = nil
	}
}

// wait returns when no function runs, or with the error of ctx.
func (r *runs) wait(ctx context.Context) error {
	r.mu.Lock()
	if r.count == 0 {
		r.mu.Unlock()
		return nil
	}
	if r.idle == nil {
		r.idle = make(chan struct{})
	}
	idle := r.idle
	r.mu.Unlock()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
