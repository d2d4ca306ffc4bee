package jsonpull_test

import (
	"encoding/json"
	"errors"
	"io"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/jsonpull"
	"github.com/callinsights/callinsights-go/internal/jsontest"
)

func TestDecodeEqualsEncodingJSON(t *testing.T) {
	t.Parallel()
	if jsontest.Decodes[page](t, []byte(pageDocument)) == nil {
		t.Fatal("the document was refused")
	}
	jsontest.NoFieldForgotten[page](t)
	for doc := range jsontest.Mutations([]byte(pageDocument), 11, 1000) {
		jsontest.Decodes[page](t, doc)
	}
}

// Whatever is not JSON is refused, also inside of values that nobody wants.
func TestParseAcceptsOnlyJSON(t *testing.T) {
	t.Parallel()
	docs := []string{
		``, ` `, `{`, `}`, `[`, `]`, `{}`, `[]`, `{}}`, `[]]`, `{]`, `[}`, `[1,2]`, `[1 2]`, `[1,]`, `[,1]`, `[,]`, `[1,,2]`,
		`{"a":1}`, `{"a":1,}`, `{,"a":1}`, `{,}`, `{"a"}`, `{"a":}`, `{"a" 1}`, `{"a":1 "b":2}`, `{"a":1,"b"}`, `{a:1}`, `{1:1}`, `{null:1}`, `{"a":1,,"b":2}`,
		`null`, `nul`, `nulll`, `NULL`, `true`, `tru`, `truee`, `false`, `fals`, `nope`, `tttt`, `ffff`,
		`0`, `-0`, `00`, `01`, `-01`, `1`, `-`, `+1`, `--1`, `1.`, `.1`, `1.5`, `1.5.5`, `1e5`, `1E+5`, `1e-5`, `1e`, `1e+`, `1ee5`, `-e5`, `0e0`, `0x1`, `1_000`, `Infinity`, `NaN`, `1e999`, `1,`, `1 2`,
		`""`, `"`, `"a`, `"a"`, `"a"b`, `'a'`, `"\n"`, `"\`, `"\"`, `"\\"`, `"\x"`, `"\u"`, `"\u12"`, `"\u12g4"`, `"\u1234"`, `"\u1G34"`, `"\U1234"`, `"\ud800"`, `"\ud800\u"`, `"\ud800\udc00"`,
		"\"\n\"", "\"\x00\"", "\"\x1f\"", "\"\x7f\"", "\"\\\n\"", "\"\xff\"", "\"\xed\xa0\x80\"", "\"\\\xff\"", "{\"\xff\":\"\xff\"}", "{\"\t\":1}",
		" \t\r\n{ \t\r\n} \t\r\n", "\v{}", "\f{}", "{}\x00", "\u00a0{}", "\u2028{}", "\ufeff", "\ufeff{}", "\ufeff\ufeff{}", " \ufeff{}", "{}\ufeff", "{\ufeff}", "\xef\xbb{}", "\xef",
		`//`, `/**/{}`, `{}//`, `{"a":[{"b":[{"c":"d"}]}]}`, `{"a":[{"b":[{"c":"d"]}]}`, `[[[[]]]`, `{"a":1}{"b":2}`,
	}
	takers := map[string]func(*jsonpull.Decoder){
		"skipped":     (*jsonpull.Decoder).Skip,
		"not taken":   func(*jsonpull.Decoder) {},
		"raw":         func(d *jsonpull.Decoder) { d.Raw() },
		"raw message": func(d *jsonpull.Decoder) { d.RawMessage() },
		"text":        func(d *jsonpull.Decoder) { d.Text() },
		"walked":      walk,
	}
	for _, doc := range docs {
		want := json.Valid([]byte(strings.TrimPrefix(doc, "\ufeff")))
		for name, take := range takers {
			err := jsonpull.Parse(doc, take)
			if (err == nil) != want {
				t.Errorf("%q %s: got %v; json.Valid says %v", doc, name, err, want)
			}
			checkFault(t, doc, err)
		}
	}
}

// walk takes a value of any kind by the methods for its parts.
func walk(d *jsonpull.Decoder) {
	switch d.Kind() {
	case '{':
		for obj := d.Object(); obj.Next(); {
			walk(d)
		}
	case '[':
		for arr := d.Array(); arr.Next(); {
			walk(d)
		}
	case 'n':
		d.Null()
	default:
		_ = d.String()
	}
}

// checkFault fails the test unless err, if any, tells a place inside of doc,
// and that doc ends too early only where it does.
func checkFault(t *testing.T, doc string, err error) {
	t.Helper()
	if err == nil {
		return
	}
	fault, ok := errors.AsType[*callinsights.DecodeError](err)
	if !ok {
		t.Errorf("got a %T, want a *callinsights.DecodeError", err)
		return
	}
	if fault.Offset < 0 || fault.Offset > int64(len(doc)) {
		t.Errorf("%q: offset %d is not in the document", doc, fault.Offset)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) && fault.Offset != int64(len(doc)) {
		t.Errorf("%q: unexpected end at %d of %d", doc, fault.Offset, len(doc))
	}
}

func TestTakeOneValue(t *testing.T) {
	t.Parallel()
	str := func(d *jsonpull.Decoder) any { return d.String() }
	text := func(d *jsonpull.Decoder) any { return d.Text() }
	boolean := func(d *jsonpull.Decoder) any { return d.Bool() }
	integer := func(d *jsonpull.Decoder) any { return d.Int64() }
	small := func(d *jsonpull.Decoder) any { return d.Int() }
	float := func(d *jsonpull.Decoder) any { return d.Float64() }
	moment := func(d *jsonpull.Decoder) any { return d.Time().UTC().Format("2006-01-02T15:04:05.999999999") }
	list := func(d *jsonpull.Decoder) any { return d.Strings() }
	raw := func(d *jsonpull.Decoder) any { return string(d.RawMessage()) }
	const zeroTime = "0001-01-01T00:00:00"
	tests := map[string]struct {
		take func(*jsonpull.Decoder) any
		doc  string
		want any // nil: refused
	}{
		"string":                   {str, `"a\u00e9\/\b\f\n\r\t\\\"b"`, "a\u00e9/\b\f\n\r\t\\\"b"},
		"string of a pair":         {str, `"\ud83d\ude00\uD83D\uDE00"`, "\U0001f600\U0001f600"},
		"string of half a pair":    {str, `"\ud83dx\ude00\ud83d\u0041\ud83d\ud83d\ude00"`, "\ufffdx\ufffd\ufffdA\ufffd\U0001f600"},
		"string of other bytes":    {str, "\"a\xff\xed\xa0\x80b\"", "a\ufffd\ufffd\ufffd\ufffdb"},
		"string of bytes, escaped": {str, "\"\xc3\\n\xa9\xff\"", "\ufffd\n\ufffd\ufffd"},
		"string from a number":     {str, `-1.50e+3`, "-1.50e+3"},
		"string from a bool":       {str, `true`, "true"},
		"string from false":        {str, `false`, "false"},
		"string from null":         {str, `null`, ""},
		"string from a list":       {str, `["a"]`, nil},
		"string from an object":    {str, `{}`, nil},
		"text from a list":         {text, ` [1, {"a": 2}] `, `[1, {"a": 2}]`},
		"text from an object":      {text, `{"a": "b"}`, `{"a": "b"}`},
		"text from a string":       {text, `"a"`, "a"},
		"text from a bad list":     {text, `[1,]`, nil},

		"true":                   {boolean, `true`, true},
		"false":                  {boolean, `false`, false},
		"bool from 1":            {boolean, `1`, true},
		"bool from 0":            {boolean, `0`, false},
		"bool from text":         {boolean, `" true "`, true},
		"bool from no text":      {boolean, `""`, false},
		"bool from \"0\"":        {boolean, `"0"`, false},
		"bool from null":         {boolean, `null`, false},
		"bool from 2":            {boolean, `2`, nil},
		"bool from a word":       {boolean, `"yes"`, nil},
		"bool from a list":       {boolean, `[]`, nil},
		"bool from a bad string": {boolean, `"\x"`, nil},

		"integer":                     {integer, `-42`, int64(-42)},
		"integer 0":                   {integer, `-0`, int64(0)},
		"largest integer":             {integer, `9223372036854775807`, int64(9223372036854775807)},
		"smallest integer":            {integer, `-9223372036854775808`, int64(-9223372036854775808)},
		"integer too large":           {integer, `9223372036854775808`, nil},
		"integer too small":           {integer, `-9223372036854775809`, nil},
		"integer with a point":        {integer, `7.000`, int64(7)},
		"integer with an exponent":    {integer, `1.5e3`, int64(1500)},
		"integer by exponent":         {integer, `1200e-2`, int64(12)},
		"negative with a point":       {integer, `-1.2E1`, int64(-12)},
		"zero with a point":           {integer, `-0.0e99999999999999999999`, int64(0)},
		"large integer with a point":  {integer, `9007199254740993.0`, int64(9007199254740993)},
		"large integer by exponent":   {integer, `9e18`, int64(9000000000000000000)},
		"integer too large by point":  {integer, `9223372036854775808.0`, nil},
		"integer too large by digits": {integer, `1e19`, nil},
		"exponent too large":          {integer, `1e99999999999999999999`, nil},
		"fraction":                    {integer, `1.5`, nil},
		"tiny fraction":               {integer, `1.00000000000000000000001`, nil},
		"vanishing fraction":          {integer, `1e-400`, nil},
		"integer in a string":         {integer, `" 10 "`, int64(10)},
		"integer in no string":        {integer, `""`, int64(0)},
		"integer in blanks":           {integer, `"  "`, int64(0)},
		"integer from null":           {integer, `null`, int64(0)},
		"integer from a word":         {integer, `"ten"`, nil},
		"integer with a unit":         {integer, `"10s"`, nil},
		"integer with a plus":         {integer, `"+10"`, nil},
		"integer in hex":              {integer, `"0x10"`, nil},
		"integer from a bool":         {integer, `true`, nil},
		"integer from a bad string":   {integer, `"1`, nil},
		"int":                         {small, strconv.Itoa(math.MinInt), math.MinInt},
		"int from a fraction":         {small, `1.5`, nil},
		"int too large for 64 bits":   {small, `9223372036854775808`, nil},

		"float":                 {float, `-1.25e-3`, -0.00125},
		"float in a string":     {float, `"2.5"`, 2.5},
		"float from null":       {float, `null`, 0.0},
		"float in no string":    {float, `""`, 0.0},
		"float too large":       {float, `1e400`, nil},
		"float vanishes":        {float, `1e-400`, 0.0},
		"float from NaN":        {float, `"NaN"`, nil},
		"float from Infinity":   {float, `"Infinity"`, nil},
		"float from an object":  {float, `{}`, nil},
		"float is cut":          {float, `1.`, nil},
		"float with underscore": {float, `"1_0"`, nil},

		"time":               {moment, `"2031-03-05T07:11:13+01:00"`, "2031-03-05T06:11:13"},
		"time in no string":  {moment, `" "`, zeroTime},
		"time from null":     {moment, `null`, zeroTime},
		"time with blanks":   {moment, `" 2031-03-05 "`, "2031-03-05T00:00:00"},
		"time from a number": {moment, `1930000000`, nil},
		"time from a word":   {moment, `"yesterday"`, nil},
		"time, bad string":   {moment, `"\q"`, nil},

		"list":                {list, `["a",1,null,true]`, []string{"a", "1", "", "true"}},
		"empty list":          {list, `[]`, []string{}},
		"list from null":      {list, `null`, []string(nil)},
		"list from a string":  {list, `"a"`, nil},
		"list with an object": {list, `["a",{}]`, nil},

		"raw keeps its text":   {raw, ` { "a" : [ 1 ] } `, `{ "a" : [ 1 ] }`},
		"raw null":             {raw, `null`, `null`},
		"raw of what is wrong": {raw, `{"a"}`, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got any
			err := jsonpull.Parse(test.doc, func(d *jsonpull.Decoder) {
				if got = test.take(d); d.Err() != nil {
					got = nil
				}
			})
			if diff := cmp.Diff(test.want, got); diff != "" || (err == nil) != (test.want != nil) {
				t.Errorf("got the error %v and (-want +got):\n%s", err, diff)
			}
			checkFault(t, test.doc, err)
		})
	}
}

// Nothing that a method returns after a fault is anything but zero.
func TestNothingAfterAFault(t *testing.T) {
	t.Parallel()
	fault := errors.New("enough")
	err := jsonpull.Parse(`{"a":1}`, func(d *jsonpull.Decoder) {
		d.Fail(fault)
		d.Fail(errors.New("another"))
		obj, arr := d.Object(), d.Array()
		if obj.Next() || arr.Next() || d.Kind() != 0 || d.Null() || d.Bool() || d.Text() != "" || d.String() != "" || d.Raw() != "" ||
			d.RawMessage() != nil || d.Int64() != 0 || d.Float64() != 0 || !d.Time().IsZero() || len(d.Strings()) != 0 {
			t.Error("a value was taken after a fault")
		}
		d.Skip()
		if d.From(d.Mark()) != "" {
			t.Error("text was taken after a fault")
		}
	})
	if !errors.Is(err, fault) {
		t.Errorf("got %v, want the first fault", err)
	}
	err = jsonpull.Parse(`{"a":1,"b":2}`, func(d *jsonpull.Decoder) {
		for obj := d.Object(); obj.Next(); {
			d.Fail(fault)
			if extra := obj.Keep(nil); extra != nil {
				t.Errorf("kept %v after a fault", extra)
			}
		}
	})
	if !errors.Is(err, fault) {
		t.Errorf("got %v, want the fault", err)
	}
}

func TestValuesNotTakenAreSkipped(t *testing.T) {
	t.Parallel()
	var keys []string
	err := jsonpull.Parse(` {"a": {"x":[1]}, "b" :[{}], "c":"\n" ,"d":null} `, func(d *jsonpull.Decoder) {
		for obj := d.Object(); obj.Next(); {
			if keys = append(keys, obj.Key); obj.Key == "b" {
				d.Kind() // looks and does not take
			}
		}
	})
	if diff := cmp.Diff([]string{"a", "b", "c", "d"}, keys); diff != "" || err != nil {
		t.Errorf("got the error %v and (-want +got):\n%s", err, diff)
	}
	n := 0
	err = jsonpull.Parse(`[1, [2], {"a":3}]`, func(d *jsonpull.Decoder) {
		for arr := d.Array(); arr.Next(); n++ {
		}
	})
	if n != 3 || err != nil {
		t.Errorf("got %d elements and the error %v", n, err)
	}
}

func TestRepeatedKeys(t *testing.T) {
	t.Parallel()
	got := jsontest.Decodes[page](t, []byte(`{"name":"a","x":1,"NAME":"b","n\u0061me":"c","x":2}`))
	want := &page{Name: "c", Extra: map[string]json.RawMessage{"x": json.RawMessage(`2`), "NAME": json.RawMessage(`"b"`)}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestParseObject(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ doc, want string }{
		"object":          {` {} `, ""},
		"byte order mark": {"\ufeff{}", ""},
		"null":            {`null`, "document at offset 0: want an object, found null"},
		"list":            {` []`, "document at offset 1: want an object, found a list"},
		"string":          {`"{}"`, "document at offset 0: want an object, found a string"},
		"number":          {`-1`, "document at offset 0: want an object, found a number"},
		"bool":            {`false`, "document at offset 0: want an object, found a bool"},
		"nothing":         {``, "document at offset 0: the document is empty"},
		"white space":     {"\n ", "document at offset 2: the document is empty"},
		"mark alone":      {"\ufeff", "document at offset 3: the document is empty"},
		"prose like null": {`nope`, "document at offset 0: invalid JSON: want an object"},
		"prose like true": {` to be`, "document at offset 1: invalid JSON: want an object"},
		"prose like fals": {`fail`, "document at offset 0: invalid JSON: want an object"},
		"letters":         {`x=1`, "document at offset 0: invalid JSON: want a value"},
		"html":            {`<html>`, "document at offset 0: invalid JSON: want a value"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var text string
			if err := jsonpull.ParseObject(test.doc, (*jsonpull.Decoder).Skip); err != nil {
				text = err.Error()
			}
			if text != test.want {
				t.Errorf("got %q, want %q", text, test.want)
			}
		})
	}
}

// The text of an error names the place and quotes nothing from the document
// but the names of keys.
func TestErrors(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ doc, want string }{
		"value":             {`{"hits":[{},{"id":1,"kids":[{"score":"Joan Doe"}]}]}`, "hits[1].kids[0].score at offset 37: want a number, found a string that holds none"},
		"kind":              {`{"hits":[{"labels":{"Joan":1}}]}`, "hits[0].labels at offset 19: want a list, found an object"},
		"time":              {`{"hits":[{"at":"Joan"}]}`, "hits[0].at at offset 15: want a time such as 2006-01-02T15:04:05.999999Z"},
		"whole number":      {`{"total":1.5}`, "total at offset 9: want a whole number of at most 64 bits"},
		"number too large":  {`{"hits":[{"score":1e999}]}`, "hits[0].score at offset 18: want a number that 64 bits can hold"},
		"bool":              {`{"hits":[{"final":"Joan"}]}`, "hits[0].final at offset 18: want a bool"},
		"unknown key":       {`{"name":"Joan","other":{"part":[1,2,tru]}}`, "other at offset 36: invalid JSON: want true"},
		"odd key":           {`{"joan@example.com":{"\u0061":nul}}`, "? at offset 30: invalid JSON: want null"},
		"key with a quote":  {`{"a\"b":x}`, "? at offset 8: invalid JSON: want a value"},
		"empty key":         {`{"":x}`, "? at offset 4: invalid JSON: want a value"},
		"long key":          {`{"` + strings.Repeat("k", 65) + `":x}`, "? at offset 69: invalid JSON: want a value"},
		"key like a path":   {`{"a.b-c_D9":x}`, "a.b-c_D9 at offset 12: invalid JSON: want a value"},
		"after a list":      {`{"hits":[{}] x`, "hits at offset 13: invalid JSON: want a comma or a closing bracket"},
		"no key":            {`{"name":"a",}`, "document at offset 12: invalid JSON: want a key"},
		"no colon":          {`{"name" "Joan"}`, "document at offset 8: invalid JSON: want a colon"},
		"control character": {"{\"name\":\"Jo\nan\"}", "name at offset 11: invalid JSON: control character in a string"},
		"escape":            {`{"name":"Joan\x"}`, "name at offset 13: invalid JSON: unknown escape in a string"},
		"second escape":     {`{"name":"\nJo\tan\u12"}`, "name at offset 17: invalid JSON: unknown escape in a string"},
		"skipped escape":    {`{"other":"\nJo\tan\u12"}`, "other at offset 18: invalid JSON: unknown escape in a string"},
		"escape in a key":   {`{"na\mme":1}`, "document at offset 4: invalid JSON: unknown escape in a string"},
		"end":               {`{"hits":[{"text":"Joan`, "hits[0].text at offset 22: unexpected EOF"},
		"end in a key":      {`{"hi`, "document at offset 4: unexpected EOF"},
		"end in a number":   {`{"total":-`, "total at offset 10: unexpected EOF"},
		"end in a literal":  {`{"total":nu`, "total at offset 11: unexpected EOF"},
		"end after a comma": {`{"hits":[{},`, "hits[1] at offset 12: unexpected EOF"},
		"number":            {`{"total":-x}`, "total at offset 9: invalid JSON: want a number"},
		"data after":        {`{} Joan`, "document at offset 3: unexpected data after the value"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got string
			if err := new(page).UnmarshalJSON([]byte(test.doc)); err != nil {
				got = err.Error()
			}
			if got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

// TestCommaBeforeBrace: a comma is not the end of an object.
func TestCommaBeforeBrace(t *testing.T) {
	t.Parallel()
	var node struct{ A int }
	err := jsonpull.Parse(`{"x":{"a":1,}}`, func(d *jsonpull.Decoder) {
		for obj := d.Object(); obj.Next(); {
			for inner := d.Object(); inner.Next(); {
				node.A = d.Int()
			}
		}
	})
	fault, _ := errors.AsType[*callinsights.DecodeError](err)
	if fault == nil || fault.Offset != 12 {
		t.Errorf("got %v; want a fault at offset 12", err)
	}
}

func TestDepth(t *testing.T) {
	t.Parallel()
	shapes := map[string]func(depth int) string{
		"lists":   func(depth int) string { return strings.Repeat("[", depth) + strings.Repeat("]", depth) },
		"objects": func(depth int) string { return strings.Repeat(`{"a":`, depth) + "1" + strings.Repeat("}", depth) },
	}
	takers := map[string]func(*jsonpull.Decoder){
		"skipped": (*jsonpull.Decoder).Skip,
		"raw":     func(d *jsonpull.Decoder) { d.Raw() },
		"walked":  walk,
	}
	for shape, doc := range shapes {
		for name, take := range takers {
			t.Run(shape+" "+name, func(t *testing.T) {
				t.Parallel()
				if err := jsonpull.Parse(doc(jsonpull.MaxDepth), take); err != nil {
					t.Errorf("at the limit: %v", err)
				}
				for _, depth := range []int{jsonpull.MaxDepth + 1, 1_000_000} {
					if err := jsonpull.Parse(doc(depth), take); !errors.Is(err, jsonpull.ErrLimit) {
						t.Errorf("depth %d: got %v, want an error for the limit", depth, err)
					}
				}
			})
		}
	}
}

// Services that do not tell an empty list from an empty object, or send an
// empty text for what is not there, must not lose a whole record.
func TestEmptyValuesOfAnotherKind(t *testing.T) {
	t.Parallel()
	type taken struct {
		List    []string
		Map     map[string]string
		Members int
		Nothing bool
	}
	tests := map[string]struct {
		value string
		want  taken
		ok    bool
	}{
		"null":               {`null`, taken{Nothing: true}, true},
		"empty text":         {`""`, taken{List: []string{}, Map: map[string]string{}, Nothing: true}, true},
		"empty list":         {`[ ]`, taken{List: []string{}, Map: map[string]string{}, Nothing: true}, true},
		"empty object":       {"{\n}", taken{List: []string{}, Map: map[string]string{}}, true},
		"text":               {`" "`, taken{}, false},
		"zero":               {`0`, taken{}, false},
		"list in a list":     {`[[]]`, taken{}, false},
		"object in a object": {`{"a":{}}`, taken{}, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got taken
			doc := `{"list":` + test.value + `,"map":` + test.value + `,"object":` + test.value + `,"nothing":` + test.value + `}`
			err := jsonpull.Parse(doc, func(d *jsonpull.Decoder) {
				for obj := d.Object(); obj.Next(); {
					switch obj.Key {
					case "list":
						got.List = jsonpull.List(d, func(s *string, d *jsonpull.Decoder) {
							for obj := d.Object(); obj.Next(); {
								*s += obj.Key
							}
							d.Fail(errors.New("an element"))
						})
					case "map":
						got.Map = jsonpull.Map(d, func(*string, *jsonpull.Decoder) { d.Fail(errors.New("a member")) })
					case "object":
						for inner := d.Object(); inner.Next(); {
							got.Members++
						}
					case "nothing":
						got.Nothing = d.Nothing()
					}
				}
			})
			if (err == nil) != test.ok {
				t.Fatalf("got the error %v", err)
			}
			if diff := cmp.Diff(test.want, got); test.ok && diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	if err := jsonpull.Parse(`[]`, func(d *jsonpull.Decoder) { d.Object() }); err == nil {
		t.Error("a document that is a list passes for an object")
	}
}

// TestTakeOr: a value of another kind is decoded another way, and all else ends
// decoding as if there were no other way.
func TestTakeOr(t *testing.T) {
	t.Parallel()
	number := func(d *jsonpull.Decoder) {
		for obj := d.Object(); obj.Next(); {
			if obj.Key == "n" {
				d.Int64()
			}
		}
	}
	tests := map[string]struct {
		doc  string
		took string // what the other way took
		odd  string // the path of the fault that it mends
		path string // the path of the fault that ends decoding, without the keys of what Raw takes
	}{
		"as wanted":            {doc: `[{"n":1}, 2]`},
		"odd member":           {doc: `[{"a":1, "n": "x"} , 2]`, took: `{"a":1, "n": "x"}`, odd: "[0].n"},
		"odd in itself":        {doc: `[7, 2]`, took: `7`, odd: "[0]"},
		"not JSON":             {doc: `[{"n":1,}, 2]`, path: "[0]"},
		"odd, and not JSON":    {doc: `[{"n":"x","b":01}, 2]`, path: "[0]"},
		"cut":                  {doc: `[{"n":`, path: "[0]"},
		"too deep":             {doc: `[{"n":` + strings.Repeat("[", 130) + `}, 2]`, path: "[0]"},
		"fault after the odd":  {doc: `[{"n":[1]}, "x"]`, took: `{"n":[1]}`, odd: "[0].n", path: "[1]"},
		"odd in a deep object": {doc: `[{"n":{"a":[{"b":1}]}}, 2]`, took: `{"n":{"a":[{"b":1}]}}`, odd: "[0].n"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var took, odd, path string
			err := jsonpull.Parse(test.doc, func(d *jsonpull.Decoder) {
				arr := d.Array()
				arr.Next()
				if fault := d.TakeOr(number, func(d *jsonpull.Decoder) { took = d.Raw() }); fault != nil {
					odd = fault.Path
				}
				for arr.Next() {
					d.Int64()
				}
			})
			if fault, ok := errors.AsType[*callinsights.DecodeError](err); ok {
				path = fault.Path
			}
			if diff := cmp.Diff([]string{test.took, test.odd, test.path}, []string{took, odd, path}); diff != "" {
				t.Errorf("taken, odd, fault (-want +got):\n%s", diff)
			}
		})
	}
	err := jsonpull.Parse(`["x"]`, func(d *jsonpull.Decoder) {
		d.Fail(io.ErrNoProgress)
		if fault := d.TakeOr(number, number); fault != nil {
			t.Errorf("got %v after a fault", fault)
		}
	})
	if !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("got %v, want the first fault", err)
	}
}

// TestTakeOrSpends: what a value cost that was decoded in vain is spent, so that
// many of them end decoding.
func TestTakeOrSpends(t *testing.T) {
	t.Parallel()
	doc := `[` + strings.Repeat(`[1,"x"],`, 200) + `[]]`
	odd := func(d *jsonpull.Decoder) {
		jsonpull.Pointers(d, func(_ *[mebibyte / 16]byte, d *jsonpull.Decoder) { d.Int64() })
	}
	read := func(take func(*jsonpull.Decoder)) error {
		return jsonpull.Parse(doc, func(d *jsonpull.Decoder) {
			for arr := d.Array(); arr.Next(); {
				take(d)
			}
		})
	}
	if err := read((*jsonpull.Decoder).Skip); err != nil {
		t.Errorf("without what is odd: got %v", err)
	}
	err := read(func(d *jsonpull.Decoder) { _ = d.TakeOr(odd, (*jsonpull.Decoder).Skip) })
	if !errors.Is(err, jsonpull.ErrLimit) {
		t.Errorf("got %v, want an error for the limit", err)
	}
}

// TestTakeOrLeavesWhatWasTaken: what decoding in vain took is not written over by
// what is taken the other way.
func TestTakeOrLeavesWhatWasTaken(t *testing.T) {
	t.Parallel()
	doc := `["\u0040",["\u0041","\u0042"]]` + strings.Repeat(" ", 400) // room for all in one chunk
	tests := map[string]struct {
		take func(*jsonpull.Decoder) any
		want any
	}{
		"text": {func(d *jsonpull.Decoder) any { return d.String() }, "A"},
		"raw":  {func(d *jsonpull.Decoder) any { return d.RawMessage() }, json.RawMessage(`"\u0041"`)},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got any
			odd := func(d *jsonpull.Decoder) {
				arr := d.Array()
				arr.Next()
				got = test.take(d)
				arr.Next()
				d.Int64()
			}
			otherwise := func(d *jsonpull.Decoder) {
				arr := d.Array()
				arr.Next() // and over it
				arr.Next()
				test.take(d)
				arr.Next()
			}
			err := jsonpull.Parse(doc, func(d *jsonpull.Decoder) {
				arr := d.Array()
				arr.Next()
				test.take(d)
				arr.Next()
				if d.TakeOr(odd, otherwise) == nil {
					t.Error("nothing was odd")
				}
				arr.Next()
			})
			if diff := cmp.Diff(test.want, got); err != nil || diff != "" {
				t.Errorf("error %v, (-want +got):\n%s", err, diff)
			}
		})
	}
}
