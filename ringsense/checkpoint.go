package ringsense

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"strings"
	"time"

	"github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/transport"
)

// savedBackfill is what a checkpoint holds.
type savedBackfill struct {
	Query queryMark     `json:"query"`
	State backfillState `json:"state"`
}

// queryMark tells the queries of checkpoints apart, without the phone numbers
// that a query may hold.
type queryMark struct {
	From time.Time `json:"from"`
	// To is when the range ends, and OpenTo says that the query did not say.
	To     time.Time `json:"to"`
	OpenTo bool      `json:"open_to,omitempty"`
	// Log names the account and the extension, and Filter stands for the rest.
	Log    string `json:"log"`
	Filter string `json:"filter"`
}

func (q *CallLogQuery) mark(account string) queryMark {
	filter := sha256.Sum256([]byte(q.filter()))
	return queryMark{
		From: q.From.UTC(), To: q.To.UTC(), OpenTo: q.To.IsZero(),
		Log: account + "/" + q.ExtensionID, Filter: hex.EncodeToString(filter[:8]),
	}
}

// same says which part of the query is another one than that of the checkpoint.
func (m queryMark) same(query queryMark) error {
	var part string
	switch {
	case !m.From.Equal(query.From):
		part = "From"
	case m.OpenTo != query.OpenTo, !m.OpenTo && !m.To.Equal(query.To):
		part = "To"
	case m.Log != query.Log:
		part = "account or ExtensionID"
	case m.Filter != query.Filter:
		part = "filter (PhoneNumber, Direction and the like)"
	default:
		return nil
	}
	return transport.Invalid("ResumeFrom: the checkpoint is of another query, whose %s differs", part)
}

// checkpointPrefix says what made the checkpoint, and in which form.
const checkpointPrefix = "ringsense-backfill-1."

// Checkpoint writes the state down.
func (b *backfill) Checkpoint() string {
	if b.refusal != nil {
		return ""
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	data, _ := json.Marshal(savedBackfill{b.query, b.state}) //nolint:errchkjson // no time of a query or a call is one that JSON cannot hold
	text := base64.RawURLEncoding.EncodeToString(data)
	return checkpointPrefix + checksum(text) + "." + text
}

func readCheckpoint(checkpoint callinsights.Checkpoint) (*savedBackfill, error) {
	text, ok := strings.CutPrefix(strings.TrimSpace(string(checkpoint)), checkpointPrefix)
	if !ok {
		return nil, transport.Invalid("ResumeFrom: this is no checkpoint of a backfill, or one of a later version")
	}
	sum, text, _ := strings.Cut(text, ".")
	if sum != checksum(text) {
		return nil, transport.Invalid("ResumeFrom: the checkpoint is damaged, it was cut short or changed")
	}
	data, err := base64.RawURLEncoding.DecodeString(text)
	saved := new(savedBackfill)
	if err == nil {
		err = json.Unmarshal(data, saved)
	}
	if err != nil {
		return nil, transport.Invalid("ResumeFrom: the checkpoint is damaged")
	}
	return saved, nil
}

// checksum tells a checkpoint that a program has stored from half of one.
func checksum(text string) string {
	return fmt.Sprintf("%08x", crc32.ChecksumIEEE([]byte(text)))
}
