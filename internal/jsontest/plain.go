package jsontest

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

var (
	timeType = reflect.TypeFor[time.Time]()
	rawType  = reflect.TypeFor[json.RawMessage]()
	anyType  = reflect.TypeFor[any]()
)

// shape says which fields of a model count.
type shape struct {
	t        testing.TB
	untagged bool     // exported fields without a json name count too
	except   []string // fields left out
	fits     []bool   // which names of except met a field
	within   []reflect.Type
}

// tagged is the shape of the fields that have a name in JSON.
func tagged(t testing.TB, except []string) *shape {
	t.Helper()
	return &shape{t: t, except: except, fits: make([]bool, len(except))}
}

// exported is the shape of all exported fields.
func exported(t testing.TB) *shape {
	t.Helper()
	return &shape{t: t, untagged: true}
}

// known keeps what was found out about struct types, because tests ask for the
// same ones very often. It maps a question to its finding.
var known sync.Map

// question is a struct type, which of its fields count, and whether it is the
// plain type that is asked for.
type question struct {
	t        reflect.Type
	untagged bool
	except   string
	plain    bool
}

type finding struct {
	fields []field
	plain  reflect.Type
	fits   []bool // which excepted names met a field
}

// find returns the answer to a question about the struct type t, which look
// finds out the first time.
func (s *shape) find(t reflect.Type, plain bool, look func(*shape) finding) finding {
	q := question{t, s.untagged, strings.Join(s.except, ","), plain}
	found, ok := known.Load(q)
	if !ok {
		inner := *s
		inner.fits = make([]bool, len(s.except))
		f := look(&inner)
		f.fits = inner.fits
		found, _ = known.LoadOrStore(q, f)
	}
	f, _ := found.(finding)
	for i, fits := range f.fits {
		s.fits[i] = s.fits[i] || fits
	}
	return f
}

// field is one that counts; those of embedded structs have a longer index.
type field struct {
	reflect.StructField

	name string // in JSON, empty without one
}

// fields returns the fields of the struct type t that count.
func (s *shape) fields(t reflect.Type) []field {
	return s.find(t, false, func(s *shape) finding { return finding{fields: s.structFields(t)} }).fields
}

func (s *shape) structFields(t reflect.Type) []field {
	var list []field
	var named [][]int // embedded structs with a name in JSON, whose fields are their own
	for _, f := range reflect.VisibleFields(t) {
		if slices.ContainsFunc(named, func(index []int) bool {
			return len(f.Index) > len(index) && slices.Equal(f.Index[:len(index)], index)
		}) {
			continue
		}
		name := jsonName(f)
		if f.Anonymous && name == "" {
			if f.Type.Kind() != reflect.Struct {
				panic("jsontest: " + t.String() + " embeds " + f.Type.String() + ", which is no struct")
			}
			continue
		}
		if f.Anonymous {
			named = append(named, f.Index)
		}
		if f.IsExported() && (s.untagged || name != "") && !s.excepted(t, f.Name) {
			list = append(list, field{f, name})
		}
	}
	return list
}

// jsonName is empty for a field that has no tag, or that JSON leaves out.
func jsonName(f reflect.StructField) string {
	tag := f.Tag.Get("json")
	if tag == "" || tag == "-" {
		return ""
	}
	if name, _, _ := strings.Cut(tag, ","); name != "" {
		return name
	}
	return f.Name
}

func (s *shape) excepted(t reflect.Type, name string) bool {
	found := false
	for i, except := range s.except {
		if except == name || except == t.Name()+"."+name {
			s.fits[i], found = true, true
		}
	}
	return found
}

// checkExcept fails the test if one of the excepted fields was never met.
func (s *shape) checkExcept() {
	s.t.Helper()
	for i, fits := range s.fits {
		if !fits {
			s.t.Fatalf("jsontest: no field is called %s", s.except[i])
		}
	}
}

// plain returns the type that holds what t holds, without methods on structs,
// lists and maps.
func (s *shape) plain(t reflect.Type) reflect.Type {
	switch t.Kind() {
	case reflect.Pointer:
		return reflect.PointerTo(s.plain(t.Elem()))
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return t
		}
		return reflect.SliceOf(s.plain(t.Elem()))
	case reflect.Array:
		return reflect.ArrayOf(t.Len(), s.plain(t.Elem()))
	case reflect.Map:
		return reflect.MapOf(t.Key(), s.plain(t.Elem()))
	case reflect.Struct:
		if t == timeType {
			return t
		}
		return s.find(t, true, func(s *shape) finding { return finding{plain: s.plainStruct(t)} }).plain
	case reflect.Interface:
		if t != anyType && !s.untagged {
			s.t.Fatalf("jsontest: encoding/json cannot decode into %v: except the field", t)
		}
		return anyType
	default:
		return t
	}
}

func (s *shape) plainStruct(t reflect.Type) reflect.Type {
	if slices.Contains(s.within, t) {
		s.t.Fatalf("jsontest: %v contains itself: except the field", t)
	}
	s.within = append(s.within, t)
	defer func() { s.within = s.within[:len(s.within)-1] }()
	var list []reflect.StructField
	for _, f := range s.fields(t) {
		list = append(list, reflect.StructField{Name: f.Name, Type: s.plain(f.Type), Tag: f.Tag})
	}
	return reflect.StructOf(list)
}

// copyOf returns the plain copy of v.
func (s *shape) copyOf(v reflect.Value) reflect.Value {
	dst := reflect.New(s.plain(v.Type())).Elem()
	s.set(dst, v)
	return dst
}

// set makes dst, of the plain type, hold what src holds.
func (s *shape) set(dst, src reflect.Value) {
	switch kind := src.Kind(); {
	case kind == reflect.Struct && src.Type() != timeType:
		for _, f := range s.fields(src.Type()) {
			s.set(dst.FieldByName(f.Name), src.FieldByIndex(f.Index))
		}
	case kind == reflect.Array:
		for i := range src.Len() {
			s.set(dst.Index(i), src.Index(i))
		}
	case dst.Type() == src.Type() && kind != reflect.Interface:
		dst.Set(src)
	case src.IsNil(): // only pointers, lists, maps and interfaces are left
	case kind == reflect.Pointer:
		dst.Set(reflect.New(dst.Type().Elem()))
		s.set(dst.Elem(), src.Elem())
	case kind == reflect.Slice:
		dst.Set(reflect.MakeSlice(dst.Type(), src.Len(), src.Len()))
		for i := range src.Len() {
			s.set(dst.Index(i), src.Index(i))
		}
	case kind == reflect.Map:
		dst.Set(reflect.MakeMapWithSize(dst.Type(), src.Len()))
		for key, elem := range src.Seq2() {
			dst.SetMapIndex(key, s.copyOf(elem))
		}
	default:
		dst.Set(s.copyOf(src.Elem()))
	}
}

// setNulls puts an empty struct in the place of each nil pointer in a list of
// a plain copy, because that is what null means there, and nil in the place of a
// text that is null.
func setNulls(v reflect.Value) {
	if v.Type() == rawType {
		if string(v.Bytes()) == "null" {
			v.SetZero()
		}
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		if v.Type() != timeType {
			for _, f := range v.Fields() {
				setNulls(f)
			}
		}
	case reflect.Pointer:
		if !v.IsNil() {
			setNulls(v.Elem())
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			elem := v.Index(i)
			if elem.Kind() == reflect.Pointer && elem.Type().Elem().Kind() == reflect.Struct && elem.IsNil() {
				elem.Set(reflect.New(elem.Type().Elem()))
			}
			setNulls(elem)
		}
	}
}
