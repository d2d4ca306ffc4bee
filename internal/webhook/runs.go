package webhook

import (
	"context"
	"sync"
)

// runs counts functions that run. Its zero value has none.
type runs struct {
	mu       sync.Mutex
	count    int
	requests int           // how many of them are for requests
	idle     chan struct{} // closed when the count comes to zero; nil if nobody waits
}

func (r *runs) begin() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.count++
}

// beginRequest counts one for a request, unless there are as many as there may be.
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

func (r *runs) end() { r.less(0) }

func (r *runs) endRequest() { r.less(1) }

func (r *runs) less(requests int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.requests -= requests
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
