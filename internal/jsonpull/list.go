package jsonpull

import "reflect"

// List takes a list, decoding each element with decode, which is called with
// a pointer to it that is good for that call alone. null is nil, and an empty
// list is not.
func List[T any](d *Decoder, decode func(*T, *Decoder)) []T {
	if d.peek() == 'n' {
		d.literal("null")
		return nil
	}
	arr := d.Array()
	if !arr.Next() {
		return []T{}
	}
	list := BeginList[T](d)
	for more := true; more; more = arr.Next() {
		decode(list.Add(), d)
	}
	return list.End()
}

// ListBuilder makes a list of elements whose number is not known before. They are
// collected in memory that is used again, so that the list has no more than it needs.
type ListBuilder[T any] struct {
	d *Decoder
	s *scratch[T]
}

// BeginList begins a list, which [ListBuilder.End] must end.
func BeginList[T any](d *Decoder) ListBuilder[T] {
	return ListBuilder[T]{d, scratchFor[T](d.work)}
}

// Add adds an element, and returns a pointer to it that is good until the next one
// is added.
func (b ListBuilder[T]) Add() *T {
	b.d.spend(3 * b.s.size) // where it is collected, and the copy
	return b.s.add()
}

// End returns the list, which is never nil.
func (b ListBuilder[T]) End() []T { return b.s.end() }

// Strings takes a list of strings.
func (d *Decoder) Strings() []string {
	return List(d, func(s *string, d *Decoder) { *s = d.String() })
}

// Pointers takes a list of objects, each decoded into a value of its own. An
// element that is null becomes an empty one.
func Pointers[T any](d *Decoder, decode func(*T, *Decoder)) []*T {
	return List(d, func(p **T, d *Decoder) { *p = pointer(d, decode) })
}

// Pointer takes an object into a value of its own. null is nil.
func Pointer[T any](d *Decoder, decode func(*T, *Decoder)) *T {
	if d.Null() {
		return nil
	}
	return pointer(d, decode)
}

func pointer[T any](d *Decoder, decode func(*T, *Decoder)) *T {
	d.spend(int(reflect.TypeFor[T]().Size()))
	v := new(T)
	decode(v, d)
	return v
}

// Map takes an object whose keys are names that people gave, and which so do
// not show in errors. Each value is decoded with decode, which is called with a
// pointer to it: to the former one where a key is repeated. null is nil, and an
// empty object is not.
func Map[T any](d *Decoder, decode func(*T, *Decoder)) map[string]T {
	if d.Null() {
		return nil
	}
	before := d.conceal(d.Mark())
	defer d.reveal(before)
	d.spend(mapSize)
	size := mapEntry + int(reflect.TypeFor[T]().Size())
	all := map[string]T{}
	value := new(T)
	for obj := d.Object(); obj.Next(); {
		former, known := all[obj.Key]
		if !known {
			d.spend(size)
		}
		*value = former
		if decode(value, d); d.fault != nil {
			break
		}
		all[obj.Key] = *value
	}
	return all
}
