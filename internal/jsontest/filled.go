package jsontest

import (
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"testing"
	"time"
)

// Filled returns a T in which every exported field with a json tag has a value
// of its own that is not zero, at any depth: lists have two elements, maps one
// entry, times whole milliseconds and are in UTC. Fields of an interface type
// other than any stay nil, and so does a type inside of itself.
func Filled[T any]() *T {
	v := new(T)
	(&filler{}).fill(reflect.ValueOf(v).Elem())
	return v
}

// NoFieldForgotten fails the test if encoding or decoding a T leaves out one
// of its fields with a json tag, or gives it another name than the tag. What
// [encoding/json] writes for the plain copy of a filled T must be what T
// writes, and what T reads. A field called Extra of type
// map[string]json.RawMessage must survive at any depth.
func NoFieldForgotten[T any, PT interface {
	*T
	json.Unmarshaler
}](t testing.TB, except ...string,
) {
	t.Helper()
	s := tagged(t, except)
	v := new(T)
	value := reflect.ValueOf(v).Elem()
	(&filler{excepted: s.excepted}).fill(value)
	s.checkExcept()
	plain, err := json.Marshal(s.copyOf(value).Interface())
	if err != nil {
		t.Fatalf("encoding the plain copy of a %T: %v", *v, err)
	}
	if own, ok := encode(t, v); ok {
		SameDocument(t, plain, own)
	}
	read := new(T)
	if err := PT(read).UnmarshalJSON(plain); err != nil {
		t.Errorf("%T does not decode its plain copy: %v", *v, err)
	} else {
		s.compare(s.copyOf(value), reflect.ValueOf(read).Elem())
	}
	(&filler{excepted: s.excepted, extra: true}).fill(value)
	RoundTrip[T, PT](t, v)
}

// filler gives out values, none of them twice.
type filler struct {
	n        int
	extra    bool // fills fields called Extra too
	excepted func(t reflect.Type, name string) bool
	within   []reflect.Type
}

func (f *filler) next() int {
	f.n++
	return f.n
}

func (f *filler) fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString("text " + strconv.Itoa(f.next()))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(int64(f.next()))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(uint64(f.next()))
	case reflect.Float32, reflect.Float64:
		v.SetFloat(float64(f.next()) + 0.25)
	case reflect.Interface:
		if v.Type() == anyType {
			v.Set(reflect.ValueOf("text " + strconv.Itoa(f.next())))
		}
	case reflect.Slice:
		f.fillSlice(v)
	case reflect.Array:
		for i := range v.Len() {
			f.fill(v.Index(i))
		}
	case reflect.Map:
		key, elem := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		f.fill(key)
		f.fill(elem)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, elem)
	case reflect.Pointer:
		if !slices.Contains(f.within, v.Type().Elem()) {
			v.Set(reflect.New(v.Type().Elem()))
			f.fill(v.Elem())
		}
	case reflect.Struct:
		f.fillStruct(v)
	}
}

func (f *filler) fillSlice(v reflect.Value) {
	if v.Type() == rawType {
		v.SetBytes([]byte(`{"raw":` + strconv.Itoa(f.next()) + `}`))
		return
	}
	if slices.Contains(f.within, v.Type().Elem()) {
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), 2, 2))
	for i := range v.Len() {
		f.fill(v.Index(i))
	}
}

func (f *filler) fillStruct(v reflect.Value) {
	if v.Type() == timeType {
		at := time.Date(2031, time.March, 5, 7, 11, f.next(), 250e6, time.UTC)
		v.Set(reflect.ValueOf(at))
		return
	}
	f.within = append(f.within, v.Type())
	defer func() { f.within = f.within[:len(f.within)-1] }()
	all := &shape{untagged: true}
	for _, field := range all.fields(v.Type()) {
		if f.excepted != nil && f.excepted(v.Type(), field.Name) {
			continue
		}
		extra := f.extra && field.Name == "Extra" && field.Type == reflect.TypeFor[map[string]json.RawMessage]()
		if field.name != "" || extra {
			f.fill(v.FieldByIndex(field.Index))
		}
	}
}
