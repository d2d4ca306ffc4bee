package ringsensetest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/callinsights/callinsights-go/ringsense"
)

// recording is a document that the fake serves.
type recording struct {
	domain, recordID, sessionID string
	document                    []byte
	readiness                   readiness
}

// recordingKey is what a recording is asked for by.
type recordingKey struct{ domain, id string }

// Add serves records as [Server.AddJSON] does, in the form that they encode to.
// Later changes to them are not seen. It panics on a nil record and on one that
// AddJSON or encoding refuses, as it is made for tests.
func (s *Server) Add(records ...*ringsense.RecordingInsights) {
	for _, r := range records {
		if r == nil {
			panic("ringsensetest: Add: nil record")
		}
		document, err := r.MarshalJSON()
		if err == nil {
			err = s.addJSON(document)
		}
		if err != nil {
			panic("ringsensetest: Add: " + err.Error())
		}
	}
}

// AddJSON serves document, byte for byte, as the insights of the recording that
// its sourceRecordId and domain name; pbx if it has no domain. It replaces one
// added before under the same two. It is also served, byte for byte, as part of
// the session that its sourceSessionId names, if it does. A request that names
// insightTypes gets it re-encoded without the other kinds.
//
// The document may otherwise hold what it likes. An error says what is wrong:
// no JSON object, or no sourceRecordId.
func (s *Server) AddJSON(document []byte) error {
	if err := s.addJSON(document); err != nil {
		return fmt.Errorf("ringsensetest: AddJSON: %w", err)
	}
	return nil
}

func (s *Server) addJSON(document []byte) error {
	fields, err := members(document)
	if err != nil {
		return errors.New("the document is not a JSON object")
	}
	added := recording{
		domain:    cmp.Or(text(fields["domain"]), text(fields["domains"]), string(ringsense.DomainPBX)),
		recordID:  text(fields["sourceRecordId"]),
		sessionID: text(fields["sourceSessionId"]),
		document:  slices.Clone(document),
	}
	if added.recordID == "" {
		return errors.New("the document has no sourceRecordId")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	added.readiness = s.readinessFrom(time.Now())
	key := recordingKey{added.domain, added.recordID}
	if place, known := s.places[key]; known {
		s.recordings[place] = added
		return nil
	}
	s.places[key] = len(s.recordings)
	s.recordings = append(s.recordings, added)
	return nil
}

// members returns the members of an object, after a byte order mark if there
// is one.
func members(document []byte) (map[string]json.RawMessage, error) {
	var fields map[string]json.RawMessage
	err := json.Unmarshal(withoutMark(document), &fields)
	if err == nil && fields == nil {
		err = errors.New("null is not an object")
	}
	return fields, err
}

func withoutMark(document []byte) []byte {
	return bytes.TrimPrefix(document, []byte("\ufeff"))
}

// text returns what a string holds, and the text of a number.
func text(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	return string(raw)
}

// serveInsights answers both addresses of insights as
// developers.ringcentral.com/guide/ai/ace describes them.
func (s *Server) serveInsights(w http.ResponseWriter, r *http.Request, route route) {
	if refusal := s.refusal(r); refusal != nil {
		refusal.write(w)
		return
	}
	if route.account != "~" && route.account != AccountID {
		otherAccount().write(w)
		return
	}
	documents := s.find(route)
	if len(documents) == 0 {
		noInsights().write(w)
		return
	}
	if types := r.URL.Query()["insightTypes"]; len(types) > 0 {
		for i := range documents {
			documents[i] = only(types, documents[i])
		}
	}
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	if route.op == opRecording {
		_, _ = w.Write(documents[0])
		return
	}
	_, _ = w.Write(session(documents))
}

func (s *Server) find(route route) [][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	wanted := s.recordings
	if route.op == opRecording {
		place, known := s.places[recordingKey{route.domain, route.id}]
		if !known {
			return nil
		}
		wanted = s.recordings[place : place+1]
	}
	var documents [][]byte
	for _, r := range wanted {
		if route.op == opRecording || r.domain == route.domain && r.sessionID == route.id {
			if document := r.readiness.at(time.Now(), r.document); document != nil {
				documents = append(documents, document)
			}
		}
	}
	return documents
}

// only returns document with no other kinds of insights than types.
func only(types []string, document []byte) []byte {
	fields, _ := members(document)
	insights, err := members(fields["insights"])
	if err != nil {
		return document
	}
	for kind := range insights {
		// The service's pages spell this kind both ways.
		name := cmp.Or(map[string]string{"HighLights": "Highlights"}[kind], kind)
		if !slices.Contains(types, name) {
			delete(insights, kind)
		}
	}
	fields["insights"] = encode(insights)
	return encode(fields)
}

// session writes the answer by hand, so that the documents keep their bytes.
// That everything is on one page is a guess.
func session(documents [][]byte) []byte {
	for i := range documents {
		documents[i] = withoutMark(documents[i])
	}
	count := len(documents)
	paging := encode(map[string]any{
		"perPage": max(100, count), "page": 1, "pageStart": 0, "pageEnd": count - 1,
		"totalPages": 1, "totalElements": count, "sortableFields": []string{},
	})
	var b bytes.Buffer
	b.WriteString(`{"records":[`)
	b.Write(bytes.Join(documents, []byte(",")))
	b.WriteString(`],"paging":`)
	b.Write(paging)
	b.WriteString(`}`)
	return b.Bytes()
}
