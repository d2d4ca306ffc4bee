package ringsense

import (
	"cmp"
	"encoding/json"
	"log/slog"

	"github.com/callinsights/callinsights-go/internal/jsonpull"
)

// SessionInsights are the recordings of one session, such as those of the legs
// of a call that was transferred.
//
// The service has no way to ask for a second page. Should it ever hold back
// recordings, then Paging.TotalElements is greater than len(Records).
type SessionInsights struct {
	// Records are the recordings, in the service's order.
	Records []*RecordingInsights `json:"records"`
	// Paging is what the service says about the list.
	Paging Paging `json:"paging"`
}

func (s *SessionInsights) decode(d *jsonpull.Decoder) {
	for obj := d.Object(); obj.Next(); {
		switch obj.Key {
		case "records":
			s.Records = jsonpull.Pointers(d, (*RecordingInsights).decode)
		case "paging":
			s.Paging = Paging{}
			s.Paging.decode(d)
		}
	}
}

func (s *SessionInsights) encode(w *jsonpull.Writer) {
	w.Object(func() {
		jsonpull.WriteList(w, "records", s.Records, func(r **RecordingInsights, w *jsonpull.Writer) {
			cmp.Or(*r, &RecordingInsights{}).encode(w)
		})
		w.Key("paging")
		s.Paging.encode(w)
	})
}

// MarshalJSON writes the recordings and the paging. A nil recording is written
// as an empty one.
func (s SessionInsights) MarshalJSON() ([]byte, error) { return jsonpull.Marshal(s.encode) }

// UnmarshalJSON replaces the session by the one that data holds. Members other
// than the two fields are not kept.
func (s *SessionInsights) UnmarshalJSON(data []byte) error {
	return jsonpull.Unmarshal(s, data, (*SessionInsights).decode)
}

// LogValue returns counts alone.
func (s SessionInsights) LogValue() slog.Value {
	return slog.GroupValue(
		slog.Int("records", len(s.Records)),
		slog.Int("total_elements", s.Paging.TotalElements),
	)
}

// Paging says which part of a list an answer holds.
type Paging struct {
	// PerPage is the greatest number of elements in an answer.
	PerPage int `json:"perPage"`
	// Page counts from 1; it may be missing, and is then 0, if there is nothing.
	Page int `json:"page"`
	// PageStart and PageEnd are the places in the whole list of the first and
	// the last element of this answer, from 0.
	PageStart int `json:"pageStart"`
	PageEnd   int `json:"pageEnd"`
	// TotalPages is 0 where the service does not say.
	TotalPages int `json:"totalPages"`
	// TotalElements is the length of the whole list.
	TotalElements int `json:"totalElements"`
	// SortableFields names the fields that the list could be ordered by.
	SortableFields []string `json:"sortableFields"`
	// Extra holds the members that this version does not know.
	Extra map[string]json.RawMessage `json:"-"`
}

func (p *Paging) decode(d *jsonpull.Decoder) {
	for obj := d.Object(); obj.Next(); {
		switch obj.Key {
		case "perPage":
			p.PerPage = d.Int()
		case "page":
			p.Page = d.Int()
		case "pageStart":
			p.PageStart = d.Int()
		case "pageEnd":
			p.PageEnd = d.Int()
		case "totalPages":
			p.TotalPages = d.Int()
		case "totalElements":
			p.TotalElements = d.Int()
		case "sortableFields":
			p.SortableFields = d.Strings()
		default:
			p.Extra = obj.Keep(p.Extra)
		}
	}
}

func (p *Paging) encode(w *jsonpull.Writer) {
	w.Object(func() {
		w.IntAlways("perPage", int64(p.PerPage))
		w.Int("page", int64(p.Page))
		w.IntAlways("pageStart", int64(p.PageStart))
		w.IntAlways("pageEnd", int64(p.PageEnd))
		w.Int("totalPages", int64(p.TotalPages))
		w.IntAlways("totalElements", int64(p.TotalElements))
		w.Strings("sortableFields", p.SortableFields)
		w.Extra(p.Extra)
	})
}

// MarshalJSON writes the fields as the service does, and Extra.
func (p Paging) MarshalJSON() ([]byte, error) { return jsonpull.Marshal(p.encode) }

// UnmarshalJSON replaces the paging by the one that data holds.
func (p *Paging) UnmarshalJSON(data []byte) error {
	return jsonpull.Unmarshal(p, data, (*Paging).decode)
}

// LogValue returns the place of the page and the number of all elements.
func (p Paging) LogValue() slog.Value {
	return slog.GroupValue(slog.Int("page", p.Page), slog.Int("per_page", p.PerPage), slog.Int("total_elements", p.TotalElements))
}
