// Package reading has the ways to read sessions that the tables compare. It imports
// what these need and nothing else: the processes whose memory is measured are
// programs of this size, as a user's may be.
package reading

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// The names of the ways.
const (
	Discarding  = "`io.Discard`"
	WholeBody   = "`io.ReadAll`, `json.Unmarshal`"
	Piecewise   = "`json.Decoder`, piece by piece"
	Searching   = "`Search`"
	Exporting   = "`Export`"
	OneWorker   = "`Parallel(1)`"
	TwoWorkers  = "`Parallel(2)`"
	FourWorkers = "`Parallel(4)`"
	ManyWorkers = "`Parallel(8)`"
	OneAhead    = "`Prefetch(1)`"
)

// Job is something to be read, and the way to do it.
type Job struct {
	Way      string    `json:"way"` // its name
	URL      string    `json:"url"`
	Key      string    `json:"key"`
	From     time.Time `json:"from"`
	To       time.Time `json:"to"`
	Size     int       `json:"size"`     // of a page
	Times    int       `json:"times"`    // how often it is done
	Sessions int       `json:"sessions"` // that there must be each time
}

// Do does the job over connections of its own. It calls each for each session as soon
// as that is there.
func (j Job) Do(ctx context.Context, each func()) error {
	way, ok := ways()[j.Way]
	if !ok {
		return fmt.Errorf("no way to read is named %q", j.Way)
	}
	client := &http.Client{Transport: new(http.Transport)}
	defer client.CloseIdleConnections()
	for range j.Times {
		n := 0
		err := way(ctx, source{j, client}, func() {
			n++
			each()
		})
		if err != nil {
			return err
		}
		if n != j.Sessions && j.Way != Discarding {
			return fmt.Errorf("read %d sessions of %d", n, j.Sessions)
		}
	}
	return nil
}

// Discarding is the job of asking for the same and dropping the answer.
func (j Job) Discarding() Job {
	j.Way = Discarding
	return j
}
