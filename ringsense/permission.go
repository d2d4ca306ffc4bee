package ringsense

import (
	"encoding/json"
	"log/slog"
	"slices"

	"github.com/callinsights/callinsights-go/internal/jsonpull"
)

// PermissionCheck is the answer of the service to whether the user has a
// permission, as developers.ringcentral.com/api-reference describes that of
// authz-profile/check.
type PermissionCheck struct {
	// URI is the address of the question. It may be empty.
	URI string `json:"uri"`
	// Successful says whether the user has the permission, nil where the service
	// does not.
	Successful *bool `json:"successful"`
	// Details are there if the user has the permission, otherwise nil.
	Details *PermissionDetails `json:"details"`
	// Extra holds the members that this version does not know.
	Extra map[string]json.RawMessage `json:"-"`

	raw string
}

// PermissionDetails says whence the user has a permission.
type PermissionDetails struct {
	// Permission is the one that was asked for.
	Permission Permission `json:"permission"`
	// EffectiveRole is the role that gives it.
	EffectiveRole EffectiveRole `json:"effectiveRole"`
	// Scopes say for whom it is given, such as "Account" for everybody of the
	// account or "Self" for the user alone. They are not the scopes of an app.
	Scopes []string `json:"scopes"`
	// Extra holds the members that this version does not know.
	Extra map[string]json.RawMessage `json:"-"`
}

// Permission is a permission of users.
type Permission struct {
	// URI is its address. It may be empty.
	URI string `json:"uri"`
	// ID is its name, such as "ReadRingSenseInsights".
	ID string `json:"id"`
	// SiteCompatible is "Compatible", "Incompatible" or "Independent".
	SiteCompatible string `json:"siteCompatible"`
	// ReadOnly and Assignable say whether it only reads, and whether it can be
	// given to a user.
	ReadOnly   bool `json:"readOnly"`
	Assignable bool `json:"assignable"`
	// PermissionsCapabilities is kept as it came; nil where not sent.
	PermissionsCapabilities json.RawMessage `json:"permissionsCapabilities"`
	// Extra holds the members that this version does not know.
	Extra map[string]json.RawMessage `json:"-"`
}

// EffectiveRole is the role that gives the user a permission.
type EffectiveRole struct {
	// URI is its address. It may be empty.
	URI string `json:"uri"`
	// ID is the id of the role.
	ID string `json:"id"`
	// Domain is where the role holds. It may be empty.
	Domain string `json:"domain"`
	// Extra holds the members that this version does not know.
	Extra map[string]json.RawMessage `json:"-"`
}

// RawJSON returns the exact text that the value was decoded from, with its line
// breaks, "" for a value made by hand.
func (p *PermissionCheck) RawJSON() string { return p.raw }

func (p *PermissionCheck) decode(d *jsonpull.Decoder) {
	mark := d.Mark()
	for obj := d.Object(); obj.Next(); {
		switch obj.Key {
		case "uri":
			p.URI = d.String()
		case "successful":
			p.Successful = nil
			if !d.Null() {
				p.Successful = new(d.Bool())
			}
		case "details":
			p.Details = jsonpull.Pointer(d, (*PermissionDetails).decode)
		default:
			p.Extra = obj.Keep(p.Extra)
		}
	}
	p.raw = d.From(mark)
}

func (p *PermissionCheck) encode(w *jsonpull.Writer) {
	w.Object(func() {
		w.String("uri", p.URI)
		if p.Successful != nil {
			w.BoolAlways("successful", *p.Successful)
		}
		writeObject(w, "details", p.Details, (*PermissionDetails).encode)
		w.Extra(p.Extra)
	})
}

// MarshalJSON writes the fields as the service does, and Extra.
func (p PermissionCheck) MarshalJSON() ([]byte, error) { return jsonpull.Marshal(p.encode) }

// UnmarshalJSON replaces the check by the one that data holds; null changes
// nothing. The fault is a [*DecodeError].
func (p *PermissionCheck) UnmarshalJSON(data []byte) error {
	return jsonpull.Unmarshal(p, data, (*PermissionCheck).decode)
}

// LogValue returns the name of the permission and the answer.
func (p PermissionCheck) LogValue() slog.Value {
	var attrs []slog.Attr
	if p.Details != nil {
		attrs = append(attrs, slog.String("permission", p.Details.Permission.ID))
	}
	if p.Successful != nil {
		attrs = append(attrs, slog.Bool("successful", *p.Successful))
	}
	return slog.GroupValue(attrs...)
}

func (p *PermissionDetails) decode(d *jsonpull.Decoder) {
	for obj := d.Object(); obj.Next(); {
		switch obj.Key {
		case "permission":
			p.Permission = Permission{}
			p.Permission.decode(d)
		case "effectiveRole":
			p.EffectiveRole = EffectiveRole{}
			p.EffectiveRole.decode(d)
		case "scopes":
			p.Scopes = d.Strings()
		default:
			p.Extra = obj.Keep(p.Extra)
		}
	}
}

func (p *PermissionDetails) encode(w *jsonpull.Writer) {
	w.Object(func() {
		w.Key("permission")
		p.Permission.encode(w)
		w.Key("effectiveRole")
		p.EffectiveRole.encode(w)
		w.Strings("scopes", p.Scopes)
		w.Extra(p.Extra)
	})
}

// isForSelf reports whether the permission is given for the user alone.
func (p *PermissionDetails) isForSelf() bool {
	return p != nil && len(p.Scopes) > 0 && !slices.ContainsFunc(p.Scopes, func(scope string) bool { return scope != "Self" })
}

// MarshalJSON writes the fields as the service does, and Extra.
func (p PermissionDetails) MarshalJSON() ([]byte, error) { return jsonpull.Marshal(p.encode) }

// UnmarshalJSON replaces the details by those that data holds.
func (p *PermissionDetails) UnmarshalJSON(data []byte) error {
	return jsonpull.Unmarshal(p, data, (*PermissionDetails).decode)
}

// LogValue returns the ids and the scopes.
func (p PermissionDetails) LogValue() slog.Value {
	return slog.GroupValue(slog.String("permission", p.Permission.ID), slog.String("role", p.EffectiveRole.ID), slog.Any("scopes", p.Scopes))
}

func (p *Permission) decode(d *jsonpull.Decoder) {
	for obj := d.Object(); obj.Next(); {
		switch obj.Key {
		case "uri":
			p.URI = d.String()
		case "id":
			p.ID = d.String()
		case "siteCompatible":
			p.SiteCompatible = d.String()
		case "readOnly":
			p.ReadOnly = d.Bool()
		case "assignable":
			p.Assignable = d.Bool()
		case "permissionsCapabilities":
			p.PermissionsCapabilities = nil
			if !d.Null() {
				p.PermissionsCapabilities = d.RawMessage()
			}
		default:
			p.Extra = obj.Keep(p.Extra)
		}
	}
}

func (p *Permission) encode(w *jsonpull.Writer) {
	w.Object(func() {
		w.String("uri", p.URI)
		w.StringAlways("id", p.ID)
		w.String("siteCompatible", p.SiteCompatible)
		w.Bool("readOnly", p.ReadOnly)
		w.Bool("assignable", p.Assignable)
		if len(p.PermissionsCapabilities) > 0 {
			w.Raw("permissionsCapabilities", p.PermissionsCapabilities)
		}
		w.Extra(p.Extra)
	})
}

// MarshalJSON writes the fields as the service does, and Extra.
func (p Permission) MarshalJSON() ([]byte, error) { return jsonpull.Marshal(p.encode) }

// UnmarshalJSON replaces the permission by the one that data holds.
func (p *Permission) UnmarshalJSON(data []byte) error {
	return jsonpull.Unmarshal(p, data, (*Permission).decode)
}

// LogValue returns the id alone.
func (p Permission) LogValue() slog.Value {
	return slog.GroupValue(slog.String("id", p.ID))
}

func (r *EffectiveRole) decode(d *jsonpull.Decoder) {
	for obj := d.Object(); obj.Next(); {
		switch obj.Key {
		case "uri":
			r.URI = d.String()
		case "id":
			r.ID = d.String()
		case "domain":
			r.Domain = d.String()
		default:
			r.Extra = obj.Keep(r.Extra)
		}
	}
}

func (r *EffectiveRole) encode(w *jsonpull.Writer) {
	w.Object(func() {
		w.String("uri", r.URI)
		w.StringAlways("id", r.ID)
		w.String("domain", r.Domain)
		w.Extra(r.Extra)
	})
}

// MarshalJSON writes the fields as the service does, and Extra.
func (r EffectiveRole) MarshalJSON() ([]byte, error) { return jsonpull.Marshal(r.encode) }

// UnmarshalJSON replaces the role by the one that data holds.
func (r *EffectiveRole) UnmarshalJSON(data []byte) error {
	return jsonpull.Unmarshal(r, data, (*EffectiveRole).decode)
}

// LogValue returns the id alone.
func (r EffectiveRole) LogValue() slog.Value {
	return slog.GroupValue(slog.String("id", r.ID))
}
