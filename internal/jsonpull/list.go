package jsonpull

import "reflect"

// List takes a list, decoding each element with decode, which is called with
// a pointer to it. null is nil, and an empty list is not.
func List[T any](d *Decoder, decode func(*T, *Decoder)) []T {
	if d.Null() {
		return nil
	}
	size := int(reflect.TypeFor[T]().Size())
	list := []T{}
	for arr := d.Array(); arr.Next(); {
		if len(list) == cap(list) {
			list = grow(d, list, size)
			if d.fault != nil {
				break
			}
		}
		list = append(list, *new(T))
		decode(&list[len(list)-1], d)
	}
	return list
}

// grow makes room for as many elements again, at the cost of the budget.
func grow[T any](d *Decoder, list []T, size int) []T {
	room := max(4, 2*cap(list))
	d.spend(room * size)
	if d.fault != nil {
		return list
	}
	return append(make([]T, 0, room), list...)
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
