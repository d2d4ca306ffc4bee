package vonageinsights_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/internal/jsonpull"
	"github.com/callinsights/callinsights-go/internal/jsontest"
	"github.com/callinsights/callinsights-go/vonageinsights"
)

// smallPage is short, because streams of it are cut at every byte.
const smallPage = `{"took":{"ms":[1,"]}"]},"hits":[{"id":"\u0061\"}","source":9190014044002502,"session_start_time":"2031-05-01T08:00:00.5",` +
	`"transcription":[{"user":"m\u00e4h \ud83d\ude00 é"}],"new":[{"{":1.50e1}]},null, {"id":"b","channel_data":{"duration":"12"}}],"page_size":"10","total":3e0}`

func decodeSession(t testing.TB, doc []byte) *vonageinsights.Session {
	t.Helper()
	return jsontest.Decodes[vonageinsights.Session](t, doc, unlike...)
}

// TestSessionVariants: the members of utterances stand for utterances, in their
// order.
func TestSessionVariants(t *testing.T) {
	t.Parallel()
	for _, name := range goldens {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc := testdata(t, name)
			// The text of what is JSON itself, with the white space that it has.
			drop := []string{"headers", "payload", "message", "value"}
			jsontest.Equivalent(t, doc, decodeSession, []string{"transcription["}, drop)
			jsontest.RefusesCuts[vonageinsights.Session](t, doc)
		})
	}
}

func decodePage(t testing.TB, doc []byte) *vonageinsights.Page {
	t.Helper()
	except := unlike
	var members map[string]json.RawMessage
	if json.Unmarshal(bytes.TrimPrefix(doc, []byte("\ufeff")), &members) == nil && string(members["hits"]) == "null" {
		except = []string{"Page.Sessions"} // which are an empty list then
	}
	page := jsontest.Decodes[vonageinsights.Page](t, doc, except...)
	checkPageStream(t, doc)
	return page
}

// TestPageVariants: a page is refused if it has hits twice.
func TestPageVariants(t *testing.T) {
	t.Parallel()
	for name, doc := range map[string][]byte{"small": []byte(smallPage), "page.json": testdata(t, "page.json")} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			jsontest.Equivalent(t, doc, decodePage, []string{"hits", "hits[0].transcription["}, nil)
			jsontest.RefusesCuts[vonageinsights.Page](t, doc)
		})
	}
}

// streamed is what has been read of a page when reading ends.
type streamed struct {
	Page     string // its JSON, without sessions; empty if the page is refused
	Sessions []string
	Path     string // of the fault
	Offset   int64
	End      bool // the document ended too early
	Limit    bool
}

// readStream reads a page from r.
func readStream(t testing.TB, r io.Reader) (s streamed, err error) {
	t.Helper()
	page, err := vonageinsights.ReadPage(r, func(session *vonageinsights.Session) bool {
		text, err := json.Marshal(session)
		if err != nil {
			text = []byte(session.RawJSON()) // a time that cannot be written
		}
		s.Sessions = append(s.Sessions, string(text)+session.RawJSON())
		return true
	})
	if err == nil {
		s.Page = strconv.Itoa(page.Total) + " " + strconv.Itoa(page.PageNumber) + " " + strconv.Itoa(page.PageSize)
	}
	if fault, ok := errors.AsType[*vonageinsights.DecodeError](err); ok {
		s.Path, s.Offset = fault.Path, fault.Offset
	}
	s.End, s.Limit = errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, jsonpull.ErrLimit)
	return s, err
}

// checkPageStream reads doc from streams and compares that with the page in
// memory, where that is not refused.
func checkPageStream(t testing.TB, doc []byte) {
	t.Helper()
	whole, err := readStream(t, bytes.NewReader(doc))
	var page vonageinsights.Page
	inMemory := page.UnmarshalJSON(doc)
	if (err == nil) != (inMemory == nil) && string(bytes.TrimSpace(doc)) != "null" {
		t.Errorf("streamed: %v; in memory: %v", err, inMemory)
	}
	if err == nil {
		if len(whole.Sessions) != len(page.Sessions) {
			t.Errorf("streamed: %d sessions; in memory: %d", len(whole.Sessions), len(page.Sessions))
		}
		for i, session := range page.Sessions {
			if !strings.HasSuffix(whole.Sessions[i], session.RawJSON()) {
				t.Errorf("session %d differs: %q", i, whole.Sessions[i])
			}
		}
	}
	everyByte := make([]int, len(doc))
	for i := range everyByte {
		everyByte[i] = i
	}
	for _, cuts := range [][]int{everyByte, {len(doc) / 3}, {len(doc) / 2, len(doc) - len(doc)/5}} {
		for _, endWithData := range []bool{false, true} {
			checkStreamEquals(t, whole, jsontest.NewPieces(doc, io.EOF, endWithData, cuts...))
		}
	}
}

func checkStreamEquals(t testing.TB, want streamed, r io.Reader) {
	t.Helper()
	got, err := readStream(t, r)
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("in pieces: %v (-want +got):\n%s", err, diff)
	}
}

// TestPageInPieces: wherever the pieces end in which a page arrives, it reads
// the same.
func TestPageInPieces(t *testing.T) {
	t.Parallel()
	for _, doc := range []string{smallPage, "\ufeff " + smallPage + " \n", `{"total":1,"hits":[{"id":"a"},{"id":[]}]}`, smallPage + "x"} {
		want, _ := readStream(t, strings.NewReader(doc))
		for first := range len(doc) {
			checkStreamEquals(t, want, jsontest.NewPieces([]byte(doc), io.EOF, first%2 == 0, first))
			second := first + (len(doc)-first)/7
			checkStreamEquals(t, want, jsontest.NewPieces([]byte(doc), io.EOF, first%2 == 1, first, second))
		}
	}
}

// TestPageCut: of a page that breaks off, the sessions come that have arrived,
// as they are, and then an error.
func TestPageCut(t *testing.T) {
	t.Parallel()
	broken := errors.New("connection lost")
	for _, doc := range []string{smallPage, string(testdata(t, "page.json"))} {
		doc = strings.TrimSpace(doc)
		whole, err := readStream(t, strings.NewReader(doc))
		if err != nil {
			t.Fatal(err)
		}
		var page vonageinsights.Page
		if err := page.UnmarshalJSON([]byte(doc)); err != nil {
			t.Fatal(err)
		}
		for cut := range len(doc) {
			for _, end := range []error{io.EOF, broken} {
				want := end
				if end == io.EOF { //nolint:errorlint // it is that itself
					want = io.ErrUnexpectedEOF
				}
				got, err := readStream(t, jsontest.NewPieces([]byte(doc[:cut]), end, cut%2 == 0, cut/2))
				if !errors.Is(err, want) {
					t.Errorf("cut at %d: got %v, want %v", cut, err, want)
				}
				n := sessionsIn(page.Sessions, doc[:cut], doc[cut:], end)
				if diff := gocmp.Diff(whole.Sessions[:n], append([]string{}, got.Sessions...)); diff != "" {
					t.Errorf("cut at %d, with %v: sessions (-want +got):\n%s", cut, end, diff)
				}
			}
		}
	}
}

// sessionsIn counts the sessions whose end is known from the part of a document
// that came before end: by the bracket, or, for null, by what follows.
func sessionsIn(sessions []*vonageinsights.Session, part, rest string, end error) (n int) {
	doc := part + rest
	at := 0
	for _, session := range sessions {
		at += strings.Index(doc[at:], session.RawJSON()) + len(session.RawJSON())
		known := at
		if session.RawJSON() == "null" && end != io.EOF { //nolint:errorlint // it is that itself
			known++
		}
		if known <= len(part) {
			n++
		}
	}
	return n
}

func FuzzPage(f *testing.F) {
	f.Add([]byte(smallPage))
	f.Add(testdata(f, "page.json"))
	f.Add([]byte(`{"hits":[{"id":"a"},null],"total":1e1}`))
	f.Fuzz(func(t *testing.T, doc []byte) {
		page := decodePage(t, doc)
		if page == nil {
			return
		}
		for _, session := range page.Sessions {
			if session == nil {
				t.Fatal("got a nil session")
			}
		}
	})
}

// FuzzSessionAnswer: what is answered to a call for one session is that session,
// a page with it alone, or the map of its parameters.
func FuzzSessionAnswer(f *testing.F) {
	f.Add([]byte(`{"id":"s-1","status":"ended","params":{"a":{"value":1}}}`))
	f.Add([]byte(`{"total":"1","hits":[{"id":"s-1"}]}`))
	f.Add([]byte(`{"colour":"green","count":7,"x":{"value":[1, 2],"completed":true},"none":null,"hits":0}`))
	f.Fuzz(checkSessionAnswer)
}

func TestSessionAnswerVariants(t *testing.T) {
	t.Parallel()
	for _, doc := range []string{
		`{"id":"s-1","status":"ended"}`, `{"hits":[{"id":"s-1"}],"total":1}`,
		`{"colour":"green","count":7,"x":{"value":[1, 2],"completed":true},"none":null}`,
	} {
		for v := range jsontest.Variants([]byte(doc)) {
			if checkSessionAnswer(t, v.Doc); t.Failed() {
				t.Fatalf("%s: %q, in the document\n%s", v.Change, v.Path, v.Doc)
			}
		}
	}
}

func checkSessionAnswer(t *testing.T, doc []byte) {
	t.Helper()
	client := onWire(t, respond(http.StatusOK, string(doc)), vonageinsights.WithRetry(vonageinsights.RetryPolicy{MaxAttempts: 1}))
	got, err := client.Session(t.Context(), "asked-for", may)
	text := bytes.TrimPrefix(doc, []byte("\ufeff"))
	var members map[string]json.RawMessage
	if json.Unmarshal(text, &members) != nil || members == nil {
		if !errors.Is(err, vonageinsights.ErrInvalidResponse) {
			t.Errorf("got %+v, %v; want an ErrInvalidResponse", got, err)
		}
		return
	}
	if errors.Is(err, jsonpull.ErrLimit) {
		return
	}
	want := new(vonageinsights.Session)
	var wantErr error
	isSession := members["id"] != nil || members["status"] != nil || members["session_start_time"] != nil
	switch hits := members["hits"]; {
	case isSession:
		wantErr = want.UnmarshalJSON(doc)
		want.ID = cmp.Or(want.ID, "asked-for")
	case len(hits) > 0 && hits[0] == '[':
		var page vonageinsights.Page
		if wantErr = page.UnmarshalJSON(doc); wantErr == nil && len(page.Sessions) != 1 {
			wantErr = errors.New("not one session")
		} else if wantErr == nil {
			want = page.Sessions[0]
		}
	default:
		checkParameters(t, got, err, text, members)
		return
	}
	if (err == nil) != (wantErr == nil) {
		t.Fatalf("got %v, want %v", err, wantErr)
	}
	if err != nil {
		return
	}
	if diff := gocmp.Diff(written(t, want), written(t, got)); diff != "" || got.RawJSON() != want.RawJSON() {
		t.Errorf("the text %q, and (-want +got):\n%s", got.RawJSON(), diff)
	}
}

// written is the session's JSON, empty if it holds a time that has none.
func written(t *testing.T, s *vonageinsights.Session) string {
	t.Helper()
	text, _ := json.Marshal(s)
	return string(text)
}

// checkParameters compares an answer that is a map of parameters with what
// encoding/json finds in it.
func checkParameters(t *testing.T, got *vonageinsights.Session, err error, text []byte, members map[string]json.RawMessage) {
	t.Helper()
	if err != nil {
		t.Fatalf("got %v; want the parameters", err)
	}
	if got.ID != "asked-for" || got.RawJSON() != string(bytes.TrimSpace(text)) {
		t.Errorf("got the session %q with the text %q", got.ID, got.RawJSON())
	}
	parameters := got.Parameters()
	if len(parameters) != len(members) {
		t.Errorf("got %d parameters, want %d", len(parameters), len(members))
	}
	for name, raw := range members {
		var value, inner any
		if json.Unmarshal(raw, &value) != nil { // a number beyond 64 bits
			continue
		}
		if fields, ok := value.(map[string]any); ok {
			if inner, ok = fields["value"]; !ok {
				continue // its whole text
			}
			value = inner
		}
		if text, ok := value.(string); ok && parameters[name] != text {
			t.Errorf("parameter %q: got %q, want %q", name, parameters[name], text)
		}
		if value == nil && parameters[name] != "" {
			t.Errorf("parameter %q: got %q, want nothing", name, parameters[name])
		}
	}
}

// FuzzErrorText: what an error says is found wherever it stands in the body.
func FuzzErrorText(f *testing.F) {
	for _, body := range []string{
		`{"message":"no"}`, `{"error":{"detail":"\u006eo"},"msg":"x"}`, `{"message":["a"],"error":7,"detail":true}`, `{"error":"a","error":null}`, `["message"]`, `no`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(checkErrorText)
}

func TestErrorTextVariants(t *testing.T) {
	t.Parallel()
	doc := []byte(`{"code":[401,{}],"message":"","error":{"message":{"msg":"it is / wrong"},"detail":"b"},"detail":true,"msg":"c"}`)
	for v := range jsontest.Variants(doc) {
		if checkErrorText(t, v.Doc); t.Failed() {
			t.Fatalf("%s: %q, in the document\n%s", v.Change, v.Path, v.Doc)
		}
	}
}

func checkErrorText(t *testing.T, body []byte) {
	t.Helper()
	got := vonageinsights.ErrorText(body)
	dec := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(body, []byte("\ufeff"))))
	dec.UseNumber()
	var value any
	want := ""
	if dec.Decode(&value) == nil && dec.Decode(new(any)) == io.EOF {
		if doc, ok := value.(map[string]any); ok {
			want = errorText(doc)
		}
	}
	if got != want && !deep(value) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// errorText is the first of the members that says something.
func errorText(value any) string {
	switch value := value.(type) {
	case map[string]any:
		return cmp.Or(errorText(value["message"]), errorText(value["error"]), errorText(value["detail"]), errorText(value["msg"]))
	case string:
		return value
	case json.Number:
		return value.String()
	case bool:
		return strconv.FormatBool(value)
	default:
		return ""
	}
}

// deep reports whether a document nests deeper than jsonpull allows.
func deep(value any) bool {
	var height func(any) int
	height = func(value any) int {
		most := -1
		switch value := value.(type) {
		case map[string]any:
			for _, member := range value {
				most = max(most, height(member))
			}
		case []any:
			for _, element := range value {
				most = max(most, height(element))
			}
		default:
			return 0
		}
		return 1 + max(most, 0)
	}
	return height(value) > jsonpull.MaxDepth
}
