package jsonpull

import "reflect"

// List takes a list, decoding each element with decode, which is called with
// a pointer to it. null is nil, and an empty list is not.
func List[T any](d *Decoder, decode func(*T, *Decoder)) []T {
	if d.Null() {
		return nil
	}
	list := []T{}
	for arr := d.Array(); arr.Next(); {
		if list = Append(d, list, *new(T)); d.fault != nil {
			break
		}
		decode(&list[len(list)-1], d)
	}
	return list
}

// Append appends v to list, whose growth it takes from the budget. When that
// is used up, list is returned as it was.
func Append[T any](d *Decoder, list []T, v T) []T {
	if len(list) == cap(list) {
		room := max(4, 2*cap(list))
		if d.spend(room * int(reflect.TypeFor[T]().Size())); d.fault != nil {
			return list
		}
		list = append(make([]T, 0, room), list...)
	}
	return append(list, v)
}

// Strings takes a list of strings.
func (d *Decoder) Strings() []string {
	return List(d, func(s *string, d *Decoder) { *s = d.String() })
}

// Pointers takes a list of objects, each decoded into a value of its own. An
// element that is null becomes an empty one.
func Pointers[T any](d *Decoder, decode func(*T, *Decoder)) []*T {
	size := int(reflect.TypeFor[T]().Size())
	return List(d, func(p **T, d *Decoder) {
		d.spend(size)
		*p = new(T)
		decode(*p, d)
	})
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
	for obj := d.Object(); obj.Next(); {
		value, known := all[obj.Key]
		if !known {
			d.spend(size)
		}
		decode(&value, d)
		if d.fault != nil {
			break
		}
		all[obj.Key] = value
	}
	return all
}
