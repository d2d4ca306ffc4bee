// Package jsonpull decodes and encodes the models of this module.
//
// A model is decoded by pulling: loop over the keys of an object, switch on
// the key, take the value, and keep what is not known.
//
//	func (s *Speaker) decode(d *jsonpull.Decoder) {
//		for obj := d.Object(); obj.Next(); {
//			switch obj.Key {
//			case "name":
//				s.Name = d.String()
//			default:
//				s.Extra = obj.Keep(s.Extra)
//			}
//		}
//	}
//
// The first fault ends all loops and is returned once, by [Parse] or the
// method of [Stream] that runs the decoder, as a [*callinsights.DecodeError].
//
// # What is accepted
//
// A document is accepted only if [encoding/json.Valid] accepts it, after one
// byte order mark. On input that encoding/json would decode into a plain
// struct, the values are the same. Beyond that, these are taken too:
//
//   - null is the zero value of everything, also of an element of a list;
//   - within a document, "", [] and {} where a list or an object is wanted: an
//     empty one;
//   - a string where a number or a bool is wanted, if it holds one ("10",
//     "true"), or nothing at all, which is zero;
//   - 0 and 1 where a bool is wanted;
//   - a number or a bool where a string is wanted: its text;
//   - a number with a fraction or an exponent where an integer is wanted, if
//     it is a whole one (1.0, 1e3);
//   - a time without a zone, which is UTC, without a time of day, with a
//     space or a lower-case t between the two, a lower-case z, or an offset
//     without a colon.
//
// Keys match exactly, and of a key that is repeated the last value counts.
//
// # Limits
//
// Values nest at most [MaxDepth] deep, and what decoding may allocate is
// bounded by the size of the document, so that a small document of many tiny
// elements cannot fill the memory.
package jsonpull
