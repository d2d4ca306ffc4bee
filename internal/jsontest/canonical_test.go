package jsontest_test

import (
	"testing"

	"github.com/callinsights/callinsights-go/internal/jsontest"
)

func TestSameDocument(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		want, got string
		drop      []string
		same      bool
	}{
		"order and space":          {`{"a":1,"b":[2]}`, " { \"b\" : [ 2 ] , \"a\" : 1 } ", nil, true},
		"byte order mark":          {"\ufeff{\"a\":1}", `{"a":1}`, nil, true},
		"zero members":             {`{"a":null,"b":"","c":0,"d":false,"e":{},"f":{"g":{"h":-0.0e5}}}`, `{}`, nil, true},
		"empty list":               {`{"a":[]}`, `{}`, nil, false},
		"null element":             {`[null]`, `[{}]`, nil, true},
		"elements count":           {`[null]`, `[]`, nil, false},
		"true":                     {`{"a":true}`, `{}`, nil, false},
		"escapes":                  {`{"\u0061":"\u003c"}`, `{"a":"<"}`, nil, true},
		"number by value":          {`[1.50,1e3,0.01,-20,1E-2]`, `[1.5,1000,1e-2,-2e1,0.010]`, nil, true},
		"numbers differ exactly":   {`9007199254740993`, `9007199254740992`, nil, false},
		"signs differ":             {`1`, `-1`, nil, false},
		"magnitudes differ":        {`1`, `10`, nil, false},
		"huge exponents":           {`1e99999999999`, `1e99999999999`, nil, true},
		"number and string differ": {`{"a":10}`, `{"a":"10"}`, nil, false},
		"times":                    {`"2031-03-05T08:11:13.500+01:00"`, `"2031-03-05T07:11:13.5"`, nil, true},
		"times differ":             {`"2031-03-05T08:11:13Z"`, `"2031-03-05T08:11:14Z"`, nil, false},
		"dropped anywhere":         {`{"x":{"a":1},"a":2,"b":3}`, `{"b":3}`, []string{"a"}, true},
		"dropped at a path":        {`{"x":[{"a":1}],"a":2}`, `{"x":[{}],"a":2}`, []string{"x.a"}, true},
		"dropped at another path":  {`{"x":{"a":1}}`, `{"x":{}}`, []string{"a.x"}, false},
		"missing member":           {`{"a":1,"b":2}`, `{"a":1}`, nil, false},
		"missing text":             {`{"a":"x"}`, `{}`, nil, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			failure := failuresOf(t, func(t *recorder) {
				jsontest.SameDocument(t, []byte(test.want), []byte(test.got), test.drop...)
			})
			if (failure == "") != test.same {
				t.Errorf("got the failure %q; want the documents to be the same: %v", failure, test.same)
			}
		})
	}
	wantFailure(t, failuresOf(t, func(t *recorder) { jsontest.Canonical(t, []byte(`{`)) }), "not valid JSON")
}
