package jsontest_test

import (
	"encoding/json"
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/jsontest"
)

const callDocument = `{"id":7,"started_at":"2031-03-05T07:11:13.25+01:00","direction":"inbound","missed":true,"length":12.5,
	"speakers":[{"name":"Ada \ud83d\ude00","mood":"calm"},null],"tags":["a",null,""],"params":{"k":[1],"n":null},
	"analysis":{"x": [1, 2]},"added":{"later": true}}`

func TestDecodesAcceptsASoundModel(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		doc  string
		want bool
	}{
		"everything":       {callDocument, true},
		"empty":            {`{}`, true},
		"null":             {`null`, false},
		"byte order mark":  {"\ufeff{}", true},
		"not strict":       {`{"ID":3,"id":"4","id":5}`, true},
		"empty lists":      {`{"speakers":[],"tags":[],"params":{},"length":0}`, true},
		"null everywhere":  {`{"id":null,"started_at":null,"speakers":null,"tags":null,"params":null,"analysis":null}`, true},
		"html":             {`{"analysis":"<b>&\u2028","x":"<"}`, true},
		"year 10000 UTC":   {`{"started_at":"9999-12-31T23:59:59-01:00"}`, true},
		"over a limit":     {`{"analysis":` + nested(200) + `}`, false},
		"wrong kind":       {`{"speakers":{"a":1}}`, false},
		"cut":              {callDocument[:100], false},
		"data at the end":  {`{}{}`, false},
		"empty document":   {``, false},
		"another document": {`[1]`, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := jsontest.Decodes[Call](t, []byte(test.doc)); (got != nil) != test.want {
				t.Errorf("accepted: got %v, want %v", got != nil, test.want)
			}
		})
	}
}

func nested(depth int) string {
	text := make([]byte, 0, 2*depth)
	for range depth {
		text = append(text, '[')
	}
	for range depth {
		text = append(text, ']')
	}
	return string(text)
}

type (
	acceptsAll   struct{}
	refusesAll   struct{}
	plainError   struct{}
	badOffset    struct{}
	loses        struct{}
	nilForEmpty  struct{}
	wrongTime    struct{}
	wrongRaw     struct{}
	wrongNested  struct{}
	encodesBadly struct{}
	encodeFails  struct{}
	losesOnWrite struct{}
	alternates   struct{}
	unreadable   struct{}
)

func (acceptsAll) flaw() flaw {
	return flaw{decode: func(*Call, error) error { return nil }}
}

func (refusesAll) flaw() flaw {
	return flaw{decode: func(*Call, error) error {
		return &callinsights.DecodeError{Err: errors.New("no")}
	}}
}

func (plainError) flaw() flaw {
	return flaw{decode: func(*Call, error) error { return errors.New("no") }}
}

func (badOffset) flaw() flaw {
	return flaw{decode: func(*Call, error) error {
		return &callinsights.DecodeError{Offset: 1 << 20, Err: errors.New("no")}
	}}
}

func (loses) flaw() flaw {
	return flaw{decode: func(c *Call, err error) error { c.ID = 0; return err }}
}

func (nilForEmpty) flaw() flaw {
	return flaw{decode: func(c *Call, err error) error {
		if len(c.Tags) == 0 {
			c.Tags = nil
		}
		return err
	}}
}

func (wrongTime) flaw() flaw {
	return flaw{decode: func(c *Call, err error) error { c.StartedAt = c.StartedAt.Add(time.Hour); return err }}
}

func (wrongRaw) flaw() flaw {
	return flaw{decode: func(c *Call, err error) error { c.Analysis = json.RawMessage(`{"x":[1,2]}`); return err }}
}

func (wrongNested) flaw() flaw {
	return flaw{decode: func(c *Call, err error) error {
		for _, s := range c.Speakers {
			s.Name = "Bob"
		}
		return err
	}}
}

func (encodesBadly) flaw() flaw {
	return flaw{encode: func(*Call, []byte, error) ([]byte, error) { return []byte(`{"a":}`), nil }}
}

func (encodeFails) flaw() flaw {
	return flaw{encode: func(*Call, []byte, error) ([]byte, error) { return nil, errors.New("cannot") }}
}

func (losesOnWrite) flaw() flaw {
	return flaw{encode: func(*Call, []byte, error) ([]byte, error) { return []byte(`{"id":7}`), nil }}
}

func (alternates) flaw() flaw {
	return flaw{
		decode: func(c *Call, err error) error { c.Extra = nil; return err },
		encode: func(c *Call, text []byte, err error) ([]byte, error) {
			return append([]byte(`{"of":`+strconv.Itoa(len(c.raw))+`,`), text[1:]...), err
		},
	}
}

func (unreadable) flaw() flaw {
	return flaw{encode: func(*Call, []byte, error) ([]byte, error) { return []byte(`{"speakers":1}`), nil }}
}

func TestDecodesFindsFlaws(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		check func(t *recorder, doc string)
		doc   string
		want  string
	}{
		"accepts what is not JSON":    {decodes[acceptsAll], `{"a":}`, "not valid JSON"},
		"refuses what is sound":       {decodes[refusesAll], `{}`, "encoding/json decodes the document"},
		"error without a place":       {decodes[plainError], `{]`, "want a *callinsights.DecodeError"},
		"place beyond the document":   {decodes[badOffset], `{]`, "offset 1048576 in a document of 2 bytes"},
		"loses a value":               {decodes[loses], callDocument, "differs from encoding/json"},
		"nil for an empty list":       {decodes[nilForEmpty], `{"tags":[]}`, "differs from encoding/json"},
		"another time":                {decodes[wrongTime], callDocument, "differs from encoding/json"},
		"raw text changed":            {decodes[wrongRaw], callDocument, "differs from encoding/json"},
		"value in a list":             {decodes[wrongNested], callDocument, "differs from encoding/json"},
		"encodes what is not JSON":    {decodes[encodesBadly], `{}`, "the result is not valid JSON"},
		"does not encode":             {decodes[encodeFails], `{}`, "cannot"},
		"does not encode all":         {decodes[losesOnWrite], callDocument, "changes when it is encoded and decoded"},
		"does not encode the same":    {decodes[alternates], `{"id":7}`, "encodes differently after decoding"},
		"does not read what it wrote": {decodes[unreadable], `{}`, "does not decode what it encodes"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantFailure(t, failuresOf(t, func(t *recorder) { test.check(t, test.doc) }), test.want)
		})
	}
}

func decodes[F interface{ flaw() flaw }](t *recorder, doc string) {
	jsontest.Decodes[flawed[F]](t, []byte(doc))
}

func TestOracle(t *testing.T) {
	t.Parallel()
	type nestedTag struct {
		ID   int             `json:"id"`
		Kids []*Base         `json:"kids"`
		Map  map[string]int  `json:"map"`
		Pair [2]int          `json:"pair"`
		Any  any             `json:"any"`
		Text []byte          `json:"text"`
		Home map[string]Base `json:"home"`

		Texts   []string        `json:"texts"`
		On      []bool          `json:"on"`
		Perhaps *int            `json:"perhaps"`
		Raw     json.RawMessage `json:"raw"`

		Bare string
	}
	type wild struct {
		Data interface{ Close() } `json:"data"`
	}
	type endless struct {
		Kids []endless `json:"kids"`
	}
	type named struct {
		Base `json:"base"`
	}
	type pointer struct {
		*Base
	}
	check := func(doc string, got *nestedTag, except ...string) func(*recorder) {
		return func(t *recorder) { jsontest.Oracle(t, []byte(doc), got, except...) }
	}
	tests := map[string]struct {
		check func(*recorder)
		want  []string
	}{
		"equal":                         {check(`{"id":1,"kids":[{"id":2}],"pair":[3,4],"any":[true],"text":"YQ=="}`, &nestedTag{ID: 1, Kids: []*Base{{ID: 2}}, Pair: [2]int{3, 4}, Any: []any{true}, Text: []byte("a")}), nil},
		"map of structs":                {check(`{"home":{"x":{"id":1},"ID":{}}}`, &nestedTag{Home: map[string]Base{"x": {ID: 1}, "ID": {}}}), nil},
		"map of other structs":          {check(`{"home":{"x":{"id":1}}}`, &nestedTag{Home: map[string]Base{"x": {ID: 2}}}), []string{"differs"}},
		"nil in a list is empty":        {check(`{"kids":[null]}`, &nestedTag{Kids: []*Base{{}}}), nil},
		"empty in a list is nil":        {check(`{"kids":[{}]}`, &nestedTag{Kids: []*Base{nil}}), nil},
		"nil list is not empty":         {check(`{"kids":[]}`, &nestedTag{}), []string{"differs"}},
		"field without a tag":           {check(`{"Bare":"x"}`, &nestedTag{}), nil},
		"excepted field":                {check(`{"id":1}`, &nestedTag{}, "ID"), nil},
		"excepted field of a type":      {check(`{"id":1}`, &nestedTag{}, "nestedTag.ID"), nil},
		"excepted field elsewhere":      {check(`{"id":1,"kids":[{"id":2}]}`, &nestedTag{Kids: []*Base{{}}}, "Base.ID"), []string{"differs"}},
		"excepted field does not exist": {check(`{}`, &nestedTag{}, "Id"), []string{"no field is called Id"}},
		"another value":                 {check(`{"id":1}`, &nestedTag{}), []string{"-want +got"}},
		"not JSON":                      {check(`{"id":1`, &nestedTag{}), nil},
		"byte order mark":               {check("\ufeff"+`{"id":1}`, &nestedTag{}), []string{"differs"}},
		"wrong kind":                    {check(`{"id":[1]}`, &nestedTag{}), nil},
		"number in a string":            {check(`{"id":" 1e1 ","pair":["-2.0",""],"map":{"a":1.50e1}}`, &nestedTag{ID: 10, Pair: [2]int{-2, 0}, Map: map[string]int{"a": 15}}), nil},
		"another number in a string":    {check(`{"id":"1"}`, &nestedTag{ID: 2}), []string{"differs"}},
		"number that is not whole":      {check(`{"id":1.5}`, &nestedTag{}), nil},
		"number beyond measure":         {check(`{"id":1e999}`, &nestedTag{}), nil},
		"string that holds no number":   {check(`{"id":"0x1"}`, &nestedTag{}), nil},
		"number for a string":           {check(`{"Bare":1,"texts":[1.50,true,null,"a"]}`, &nestedTag{Texts: []string{"1.50", "true", "", "a"}}), nil},
		"no time":                       {check(`{"kids":[{"started_at":" "}]}`, &nestedTag{Kids: []*Base{{}}}), nil},
		"bool in a string":              {check(`{"on":["true","1",1,"false",0,""]}`, &nestedTag{On: []bool{true, true, true, false, false, false}}), nil},
		"another bool":                  {check(`{"on":[1]}`, &nestedTag{On: []bool{false}}), []string{"differs"}},
		"number that is no bool":        {check(`{"on":[2]}`, &nestedTag{}), nil},
		"nothing for a pointer":         {check(`{"perhaps":""}`, &nestedTag{}), nil},
		"string for a pointer":          {check(`{"perhaps":"1"}`, &nestedTag{}), []string{"differs"}},
		"repeated key":                  {check(`{"id":1,"id":2}`, &nestedTag{ID: 1}), []string{"differs"}},
		"repeated key, the last counts": {check(`{"id":1 , "pair":["7"] ,"pair" : ["1"],"id":"2"}`, &nestedTag{ID: 2, Pair: [2]int{1}}), nil},
		"repeated object":               {check(`{"home":{"a":{"id":1}},"home":{"a":{},"a":{"id":"2"},"b":{"id":"3"}}}`, &nestedTag{Home: map[string]Base{"a": {ID: 2}, "b": {ID: 3}}}), nil},
		"repeated within what is raw":   {check(`{"id":1,"raw":{"a":"1","a":2}}`, &nestedTag{ID: 1, Raw: json.RawMessage(`{"a":"1","a":2}`)}), nil},
		"key in another case":           {check(`{"ID":1}`, &nestedTag{}), nil},
		"key folded beyond ASCII":       {check(`{"\u212Aids":[{}]}`, &nestedTag{}), nil},
		"unknown keys fold":             {check(`{"id":1,"x":{"a":1,"A":2}}`, &nestedTag{ID: 1}), nil},
		"keys of a map":                 {check(`{"map":{"id":1,"pair":2}}`, &nestedTag{}), []string{"differs"}},
		"case matters below":            {check(`{"id":1,"kids":[{"Id":1}]}`, &nestedTag{}), nil},
		"case of another's key":         {check(`{"id":1,"kids":[{"KIDS":1}]}`, &nestedTag{ID: 1}), []string{"differs"}},
		"interface": {
			func(t *recorder) { jsontest.Oracle(t, []byte(`{}`), &wild{}) },
			[]string{"cannot decode into", "except the field"},
		},
		"excepted interface": {
			func(t *recorder) { jsontest.Oracle(t, []byte(`{}`), &wild{}, "Data") }, nil,
		},
		"type in itself": {
			func(t *recorder) { jsontest.Oracle(t, []byte(`{}`), &endless{}) },
			[]string{"contains itself", "except the field"},
		},
		"embedded struct with a name": {
			func(t *recorder) {
				jsontest.Oracle(t, []byte(`{"base":{"id":3},"id":4}`), &named{Base{ID: 3}})
			}, nil,
		},
		"embedded pointer": {
			func(t *recorder) {
				defer func() { t.Errorf("%v", recover()) }()
				jsontest.Oracle(t, []byte(`{}`), &pointer{})
			},
			[]string{"which is no struct"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantFailure(t, failuresOf(t, test.check), test.want...)
		})
	}
}
