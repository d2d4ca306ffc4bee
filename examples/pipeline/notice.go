package main

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
)

// notice says that a session at AI Studio is over. AI Studio sends no events: an
// agent has to be built so that its flow calls an address of yours at the end, with
// this in the body, and the token in the header Authorization.
type notice struct {
	SessionID string `json:"session_id"`
}

func parseNotice(data []byte) (notice, error) {
	var n notice
	if err := json.Unmarshal(data, &n); err != nil {
		return n, errors.New("the notice is no JSON object with a text as session_id")
	}
	if n.SessionID == "" || len(n.SessionID) > 100 || strings.ContainsFunc(n.SessionID, oddInID) {
		return n, errors.New("the notice has no session_id, or one that cannot be an id")
	}
	return n, nil
}

// oddInID reports whether a rune has no place in an id: those of sessions are UUIDs.
func oddInID(r rune) bool {
	return !strings.ContainsRune("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_", r)
}

func (n notice) key() string { return "vonage:session:" + n.SessionID }

func (n notice) encode() []byte { return fmt.Appendf(nil, `{"session_id":%q}`, n.SessionID) }

// noticeHandler receives notices: 200 means that the session will be fetched, 503
// that the notice is to be sent again.
type noticeHandler struct {
	tokens [][sha256.Size]byte
	take   func(context.Context, notice) error
	log    *slog.Logger
}

// The least length of a token, and the most of a notice.
const (
	minNoticeToken = 16
	maxNoticeBytes = 64 << 10
)

func newNoticeHandler(tokens []string, take func(context.Context, notice) error, log *slog.Logger) (*noticeHandler, error) {
	h := &noticeHandler{take: take, log: log}
	for i, token := range tokens {
		if len(token) < minNoticeToken {
			return nil, fmt.Errorf("token %d is shorter than %d characters: make one that nobody can guess", i+1, minNoticeToken)
		}
		h.tokens = append(h.tokens, sha256.Sum256([]byte(token)))
	}
	return h, nil
}

func (h *noticeHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method != http.MethodPost:
		w.Header().Set("Allow", http.MethodPost)
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	case !h.knows(r.Header.Get("Authorization")):
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxNoticeBytes))
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		h.refuse(w, http.StatusRequestEntityTooLarge, tooLarge)
		return
	}
	var n notice
	if err == nil {
		n, err = parseNotice(body)
	}
	if err != nil {
		h.refuse(w, http.StatusBadRequest, err)
		return
	}
	if err := h.take(r.Context(), n); err != nil {
		h.refuse(w, http.StatusServiceUnavailable, err)
	}
}

func (h *noticeHandler) refuse(w http.ResponseWriter, status int, err error) {
	h.log.Warn("a notice of AI Studio was refused", slog.Int("status", status), slog.Any("error", err))
	w.WriteHeader(status)
}

// knows compares with all tokens, in the same time for whatever was sent.
func (h *noticeHandler) knows(header string) bool {
	token, bearer := strings.CutPrefix(header, "Bearer ")
	sum := sha256.Sum256([]byte(token))
	known := 0
	for i := range h.tokens {
		known |= subtle.ConstantTimeCompare(sum[:], h.tokens[i][:])
	}
	return bearer && known == 1
}
