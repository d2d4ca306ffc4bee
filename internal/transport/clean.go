package transport

import (
	"errors"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	callinsights "github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/opaque"
)

const (
	maxText = 500
	// minSecret keeps a very short key from being replaced inside of words.
	minSecret = 4
)

// clean makes a text from outside fit for one line: without control and
// formatting characters, without the secrets, valid, at most 500 bytes.
func clean(text string, secrets ...opaque.Secret) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "\ufffd"))
	text = strings.TrimSpace(redact(text, secrets))
	if len(text) <= maxText {
		return text
	}
	end := maxText
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end]
}

// redact replaces the secrets, which a server may echo, also as a part of a URL.
func redact(text string, secrets []opaque.Secret) string {
	for _, hidden := range secrets {
		secret := hidden.Reveal()
		if len(secret) < minSecret {
			continue
		}
		for _, form := range []string{secret, url.QueryEscape(secret), url.PathEscape(secret)} {
			text = strings.ReplaceAll(text, form, "REDACTED")
		}
	}
	return text
}

// tidy cleans every text of e that came from outside.
func tidy(e *callinsights.Error, secrets []opaque.Secret) {
	for _, text := range []*string{&e.Code, &e.Message, &e.RequestID} {
		*text = clean(*text, secrets...)
	}
	for i := range e.Details {
		detail := &e.Details[i]
		for _, text := range []*string{&detail.Code, &detail.Message, &detail.Parameter} {
			*text = clean(*text, secrets...)
		}
	}
	if e.Err == nil {
		return
	}
	if text := e.Err.Error(); redact(text, secrets) != text {
		e.Err = &rewritten{redact(text, secrets), e.Err}
	}
}

// networkError returns err without the texts of the *url.Error that net/http
// and others put around it, which quote the URL with its query.
func networkError(err error) error {
	for {
		around, ok := errors.AsType[*url.Error](err)
		if !ok {
			break
		}
		err = around.Err
	}
	if text := clean(cutURLs(err.Error())); text != err.Error() {
		return &rewritten{text, err}
	}
	return err
}

// cutURLs leaves no more of the URLs in a text than scheme and host.
func cutURLs(text string) string {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(text, "://")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		end := strings.IndexAny(after, " \t\r\n\"'<>")
		if end < 0 {
			end = len(after)
		}
		host := after[:end]
		if i := strings.IndexAny(host, "/?#"); i >= 0 {
			host = host[:i]
		}
		host = host[strings.LastIndexByte(host, '@')+1:]
		b.WriteString("://" + host)
		text = after[end:]
	}
}

// rewritten is an error with another text. It is what it was for errors.Is and
// errors.As, but nobody who unwraps it comes to the old text.
type rewritten struct {
	text string
	err  error
}

func (e *rewritten) Error() string        { return e.text }
func (e *rewritten) Is(target error) bool { return errors.Is(e.err, target) }
func (e *rewritten) As(target any) bool   { return errors.As(e.err, target) }
