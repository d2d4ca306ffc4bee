package jsonpull_test

import (
	"encoding/json"
	"time"

	"github.com/callinsights/callinsights-go/internal/jsonpull"
)

// page is a model with a field of each kind that a Decoder can take.
type page struct {
	Total int                        `json:"total"`
	Name  string                     `json:"name"`
	Hits  []hit                      `json:"hits"`
	Extra map[string]json.RawMessage `json:"-"`
}

type hit struct {
	ID     int64                      `json:"id"`
	Text   string                     `json:"text"`
	Score  float64                    `json:"score"`
	Final  bool                       `json:"final"`
	At     time.Time                  `json:"at"`
	Raw    json.RawMessage            `json:"raw"`
	Labels []string                   `json:"labels"`
	Kids   []*kid                     `json:"kids"`
	Best   *float64                   `json:"best"`
	Extra  map[string]json.RawMessage `json:"-"`
}

type kid struct {
	Score float64    `json:"score"`
	Grand []grandkid `json:"grand"`
}

type grandkid struct {
	Name string `json:"name"`
}

func (k *kid) decode(d *jsonpull.Decoder) {
	for obj := d.Object(); obj.Next(); {
		switch obj.Key {
		case "score":
			k.Score = d.Float64()
		case "grand":
			k.Grand = jsonpull.List(d, (*grandkid).decode)
		}
	}
}

func (k *grandkid) decode(d *jsonpull.Decoder) {
	for obj := d.Object(); obj.Next(); {
		if obj.Key == "name" {
			k.Name = d.String()
		}
	}
}

func (k *kid) encode(w *jsonpull.Writer) {
	w.Object(func() {
		w.Float("score", k.Score)
		jsonpull.WriteList(w, "grand", k.Grand, func(k *grandkid, w *jsonpull.Writer) {
			w.Object(func() { w.String("name", k.Name) })
		})
	})
}

func (p *page) UnmarshalJSON(doc []byte) error { return jsonpull.Parse(string(doc), p.decode) }

func (p *page) decode(d *jsonpull.Decoder) {
	for obj := d.Object(); obj.Next(); {
		switch obj.Key {
		case "total":
			p.Total = d.Int()
		case "name":
			p.Name = d.String()
		case "hits":
			p.Hits = jsonpull.List(d, (*hit).decode)
		default:
			p.Extra = obj.Keep(p.Extra)
		}
	}
}

func (h *hit) decode(d *jsonpull.Decoder) {
	for obj := d.Object(); obj.Next(); {
		switch obj.Key {
		case "id":
			h.ID = d.Int64()
		case "text":
			h.Text = d.String()
		case "score":
			h.Score = d.Float64()
		case "final":
			h.Final = d.Bool()
		case "at":
			h.At = d.Time()
		case "raw":
			h.Raw = d.RawMessage()
		case "labels":
			h.Labels = d.Strings()
		case "kids":
			h.Kids = jsonpull.Pointers(d, (*kid).decode)
		case "best":
			if d.Null() {
				h.Best = nil
			} else {
				h.Best = new(d.Float64())
			}
		default:
			h.Extra = obj.Keep(h.Extra)
		}
	}
}

func (p *page) MarshalJSON() ([]byte, error) {
	return jsonpull.Marshal(func(w *jsonpull.Writer) {
		w.Object(func() {
			w.Int("total", int64(p.Total))
			w.String("name", p.Name)
			jsonpull.WriteList(w, "hits", p.Hits, (*hit).encode)
			w.Extra(p.Extra)
		})
	})
}

func (h *hit) encode(w *jsonpull.Writer) {
	w.Object(func() {
		w.Int("id", h.ID)
		w.String("text", h.Text)
		w.Float("score", h.Score)
		w.Bool("final", h.Final)
		w.Time("at", h.At, time.RFC3339Nano)
		w.Raw("raw", h.Raw)
		w.Strings("labels", h.Labels)
		jsonpull.WriteList(w, "kids", h.Kids, func(k **kid, w *jsonpull.Writer) { (*k).encode(w) })
		if h.Best != nil {
			w.FloatAlways("best", *h.Best)
		}
		w.Extra(h.Extra)
	})
}

// read decodes a page from a stream, one hit at a time.
func (p *page) read(s *jsonpull.Stream) error {
	for obj := s.Object(); obj.Next(); {
		switch obj.Key() {
		case "total":
			s.Value(func(d *jsonpull.Decoder) { p.Total = d.Int() })
		case "name":
			s.Value(func(d *jsonpull.Decoder) { p.Name = d.String() })
		case "hits":
			p.Hits = nil
			for arr := s.Array(); arr.Next(); {
				var h hit
				s.Value(h.decode)
				p.Hits = append(p.Hits, h)
			}
		default:
			s.Value(func(d *jsonpull.Decoder) {
				raw := d.RawMessage()
				if p.Extra == nil {
					p.Extra = make(map[string]json.RawMessage)
				}
				p.Extra[obj.Key()] = raw
			})
		}
	}
	return s.End()
}

const pageDocument = `{
	"total": 3, "name": "M\u00e4rz \ud83d\ude00",
	"hits": [
		{"id": 9007199254740993, "text": "first \"one\"", "score": -1.25e-3, "final": true, "at": "2031-03-05T07:11:13.123456789+02:00",
		 "raw": {"any": [1, {"x": null}]}, "labels": ["a", "", null], "kids": [{"score": 1, "grand": [{"name": "b"}, null]}, null, {"grand": []}], "best": 0, "later": "<&>"},
		{},
		{"labels": [], "kids": null, "best": null, "raw": null}
	],
	"next": {"page": [2]}, "flag": false
}`
