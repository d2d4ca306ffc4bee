package main

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// retryAll puts what was given up into the stream once more, for when its reason is
// gone. It goes under a new id, as the stream may know the old one still; the keys in
// the database are those of what it holds, so nothing is done twice.
func retryAll(ctx context.Context, s *stream, database *store, at time.Time) (sent int, err error) {
	letters, err := database.letters(ctx)
	if err != nil {
		return 0, err
	}
	for _, l := range letters {
		if strings.HasPrefix(l.subject, subjectUndecodable) {
			continue // it will never be an event
		}
		if _, err := s.put(ctx, l.subject, fmt.Sprintf("%s retry %d", l.key, at.Unix()), l.payload, nil); err != nil {
			return sent, err
		}
		if err := database.unbury(ctx, l.key); err != nil {
			return sent, err
		}
		sent++
	}
	return sent, nil
}
