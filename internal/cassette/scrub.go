package cassette

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"gopkg.in/dnaeon/go-vcr.v3/cassette"

	"github.com/callinsights/callinsights-go/internal/jsonpull"
)

// scrubber replaces texts by pseudonyms, the same one for the same text all over a
// cassette. It lets through
//
//   - of a request, which a test made: the method, the path and the query with the
//     cassette's names for ids, a body that is no form, and the listed headers and
//     fields of a form;
//   - of an answer: the status and the listed headers;
//   - of an answer's JSON: the names of members, also those that a customer chose,
//     such as a parameter's; times, booleans, null and numbers of fewer than
//     phoneDigits characters, whatever they stand for; and the strings of the
//     members in plainKeys.
//
// That is why somebody reads what the live service sent before it is committed.
type scrubber struct {
	src   Source
	names map[string]string
}

func newScrubber(src Source) *scrubber {
	return &scrubber{src: src, names: make(map[string]string)}
}

var (
	requestHeaders  = []string{"Accept", "Content-Type"}
	responseHeaders = []string{
		"Content-Type", "Retry-After",
		"X-Rate-Limit-Group", "X-Rate-Limit-Limit", "X-Rate-Limit-Remaining", "X-Rate-Limit-Window",
	}
	// plainKeys are members whose strings are words of the service, not of people.
	plainKeys = []string{
		"domain", "callDirection", "errorCode", "error", "token_type", "status", "channel", "call_status",
		"type", "entity", "language", "page_size", "page_number", "api_key", "verb",
	}
)

// phoneDigits is from how many characters on a number may be somebody's.
const phoneDigits = 9

// interaction scrubs what is about to be saved.
func (s *scrubber) interaction(i *cassette.Interaction) error {
	if err := s.request(&i.Request); err != nil {
		return fmt.Errorf("scrub request %d: %w", i.ID, err)
	}
	if err := s.response(&i.Response); err != nil {
		return fmt.Errorf("scrub answer %d: %w", i.ID, err)
	}
	return nil
}

func (s *scrubber) request(r *cassette.Request) error {
	u, err := url.Parse(r.URL)
	if err != nil {
		return errors.New("unreadable URL")
	}
	host := s.src.Vendor + ".test"
	headers := pick(r.Headers, requestHeaders)
	for _, name := range credentialHeaders {
		if r.Headers.Get(name) != "" {
			headers.Set(name, present)
		}
	}
	*r = cassette.Request{
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Method: r.Method, Host: host, URL: s.rename("https://" + host + u.EscapedPath() + query(u)),
		Headers: headers, Body: normalBody(r.Headers.Get("Content-Type"), r.Body),
	}
	return nil
}

func query(u *url.URL) string {
	if u.RawQuery == "" {
		return ""
	}
	return "?" + u.RawQuery
}

func (s *scrubber) response(r *cassette.Response) error {
	body, err := s.body(r.Body)
	if err != nil {
		return err
	}
	headers := pick(r.Headers, responseHeaders)
	if id := r.Headers.Get("RCRequestId"); id != "" {
		headers.Set("RCRequestId", s.pseudonym(id))
	}
	*r = cassette.Response{
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Status: r.Status, Code: r.Code, Headers: headers,
		Body: body, ContentLength: int64(len(body)),
	}
	return nil
}

func pick(from http.Header, names []string) http.Header {
	picked := make(http.Header)
	for _, name := range names {
		if values := from.Values(name); len(values) > 0 {
			picked[http.CanonicalHeaderKey(name)] = values
		}
	}
	return picked
}

// rename puts the cassette's names in the place of the ids that were asked for.
func (s *scrubber) rename(text string) string {
	for name, id := range s.src.IDs {
		if id != "" {
			text = strings.ReplaceAll(text, url.PathEscape(id), url.PathEscape(name))
		}
	}
	return text
}

func (s *scrubber) body(body string) (string, error) {
	if body == "" {
		return "", nil
	}
	decoder := json.NewDecoder(strings.NewReader(body))
	decoder.UseNumber()
	var document any
	if err := decoder.Decode(&document); err != nil {
		return "", errors.New("only JSON answers can be recorded")
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return "", errors.New("data after the JSON answer")
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(s.value("", document)); err != nil {
		return "", err
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}

func (s *scrubber) value(key string, v any) any {
	switch v := v.(type) {
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(v)) { // recorded alike each time
			v[k] = s.value(k, v[k])
		}
	case []any:
		for i, element := range v {
			v[i] = s.value(key, element)
		}
	case string:
		return s.text(key, v)
	case json.Number:
		if len(v) >= phoneDigits {
			return 0
		}
	}
	return v
}

func (s *scrubber) text(key, text string) string {
	if _, isTime := jsonpull.ParseTime(text); text == "" || isTime || slices.Contains(plainKeys, key) {
		return text
	}
	for name, id := range s.src.IDs {
		if text == id {
			return name
		}
	}
	return s.pseudonym(text)
}

func (s *scrubber) pseudonym(text string) string {
	name, ok := s.names[text]
	if !ok {
		name = fmt.Sprintf("text-%d", len(s.names)+1)
		s.names[text] = name
	}
	return name
}
