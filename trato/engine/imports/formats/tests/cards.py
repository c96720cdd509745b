"""Cards as an iPhone, Android, Google Contacts, Outlook (vCard 2.1 in Windows-1252) and Nextcloud write them."""

IPHONE = """BEGIN:VCARD
VERSION:3.0
PRODID:-//Apple Inc.//iPhone OS 17.5//EN
N:García López;Ana;María;Dra.;
FN:Dra. Ana María García López
NICKNAME:Anita
ORG:Clínica Sur\\; S.L.;Pediatría;
TITLE:Pediatra
EMAIL;type=INTERNET;type=HOME:ana.casa@example.com
EMAIL;type=INTERNET;type=WORK;type=pref:Ana@Example.com
TEL;type=CELL;type=VOICE:+34 600 12 34 56
item1.TEL:+34 91 123 45 67
item1.X-ABLabel:Consulta
item2.TEL;type=pref:+34 952 00 00 01
item2.X-ABLabel:_$!<Main>!$_
item3.ADR;type=HOME;type=pref:;;Calle Larga\\, 3\\n2º izq.;Málaga;Málaga;29001;España
item3.X-ABADR:es
item4.URL;type=pref:https\\://ana.example.com
item4.X-ABLabel:_$!<HomePage>!$_
BDAY;value=date:1980-05-06
item5.X-ABDATE;type=pref:2005-09-10
item5.X-ABLabel:_$!<Anniversary>!$_
item6.X-ABRELATEDNAMES;type=pref:Luis Pérez
item6.X-ABLabel:_$!<Spouse>!$_
X-SOCIALPROFILE;type=twitter;x-user=anita:http://twitter.com/anita
IMPP;X-SERVICE-TYPE=Skype;type=HOME:skype:ana.skype
NOTE:Prefiere llamadas\\npor la tarde\\, siempre.
PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQSkZJRgABAQAAAQABAAD
 /2wBDAAYEBQYFBAYGBQYHBwYIChAKCgkJChQODwwQFxQYGBcUFhYaHSUfGhsjHBYWIC
CATEGORIES:Clientes,VIP
END:VCARD
"""

ANDROID = """BEGIN:VCARD
VERSION:2.1
N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=4D=75=C3=B1=6F=7A;=49=C3=B1=69=67=6F;;;
FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=49=C3=B1=69=67=6F=20=4D=75=C3=B1=6F=7A
TEL;CELL;PREF:600-111-222
TEL;WORK;FAX:952-333-444
EMAIL;HOME:inigo@example.com
ADR;HOME;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:;;=43=61=6C=6C=65=20=50=65=C3=B1=61=20=31=\r
=32;=4C=65=C3=B3=6E;;24001;Spain
X-ANDROID-CUSTOM:vnd.android.cursor.item/nickname;Iñi;1;;;;;;;;;;;;;
PHOTO;ENCODING=BASE64;JPEG:/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAYEBQYFBAYGBQYHBwYIChAKC
 gkJChQODwwQFxQYGBcUFhYaHSUfGhsjHBYWICwgIyYnKSopGR8tMC0oMCUoKSj=

END:VCARD
"""

GOOGLE = """BEGIN:VCARD
VERSION:3.0
FN:Lucía Fernández
N:Fernández;Lucía;;;
EMAIL;TYPE=INTERNET;TYPE=WORK:lucia@empresa.example
EMAIL;TYPE=INTERNET:LUCIA@empresa.example
item1.EMAIL;TYPE=INTERNET:lucia@club.example
item1.X-ABLabel:Club de tenis
TEL;TYPE=CELL:+34655443322
ADR;TYPE=WORK:;;Gran Vía 1;Madrid;;28013;Spain;
item2.ORG:Empresa
item3.TITLE:Directora
BDAY:--0506
URL:https://empresa.example
item4.URL:https://blog.example/lucia
item4.X-ABLabel:_$!<Blog>!$_
NOTE:Una nota muy larga que Google pliega en la columna setenta y cinco
  y que sigue aquí.
CATEGORIES:myContacts,starred
END:VCARD
"""

OUTLOOK = """BEGIN:VCARD
VERSION:2.1
N;LANGUAGE=de;CHARSET=Windows-1252:Groß;Jürgen
FN;CHARSET=Windows-1252:Jürgen Groß
ORG;CHARSET=Windows-1252:Müller & Söhne GmbH;Einkauf
TITLE:Einkäufer
TEL;WORK;VOICE:+49 (89) 123456-0
TEL;CELL;VOICE:+49 170 1234567
TEL;WORK;FAX:+49 (89) 123456-99
ADR;WORK;PREF;CHARSET=Windows-1252:;;Königstraße 5;München;Bayern;80331;Deutschland
LABEL;WORK;PREF;CHARSET=Windows-1252;ENCODING=QUOTED-PRINTABLE:K=F6nigstra=DFe 5=0D=0A=
80331 M=FCnchen=0D=0A=
Deutschland
X-MS-OL-DEFAULT-POSTAL-ADDRESS:2
URL;WORK:http://www.mueller.example
EMAIL;PREF;INTERNET:juergen.gross@mueller.example
NOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=Windows-1252:Erste Zeile=0D=0AZweite Zeile: =
K=F6ln
X-MS-CARDPICTURE;TYPE=JPEG;ENCODING=BASE64:
 /9j/4AAQSkZJRgABAQEAYABgAAD/2wBDAAUDBAQEAwUEBAQFBQUGBwwIBwcHBw8LCwkM
 EQ8SEhEPERETFhwXExQaFRERGCEYGh0dHx8fExciJCIeJBweHx7=

X-MS-OL-DESIGN;CHARSET=utf-8:<card xmlns="http://schemas.microsoft.com/office/outlook/12/e" ver="1.0"/>
REV:20240102T030405Z
END:VCARD
"""

NEXTCLOUD = """BEGIN:VCARD
VERSION:4.0
PRODID:-//Sabre//Sabre VObject 4.5.4//EN
UID:0a1b2c3d-0000-4000-8000-000000000001
FN:Ștefan Mureșan
N:Mureșan;Ștefan;;;
EMAIL;TYPE=WORK;PREF=2:stefan@firma.example
EMAIL;TYPE=HOME;PREF=1:stefan@acasa.example
TEL;VALUE=uri;TYPE="voice,work":tel:+40-21-555-0101;ext=12
ADR;TYPE=HOME;LABEL="Str. Lungă 5^nBrașov":;;Str. Lungă 5;Brașov;BV;500001;România
BDAY:19800506
ANNIVERSARY:2010-06-01
LANG;PREF=1:ro
TZ:Europe/Bucharest
X-SOCIALPROFILE;TYPE=mastodon:https://mastodon.example/@stefan
IMPP;TYPE=home:xmpp:stefan@jabber.example
RELATED;TYPE=spouse;VALUE=text:Ioana
ROLE:Decident
GENDER:M
PHOTO:data:image/jpeg;base64,/9j/4AAQSkZJRgABAQAAAQABAAD
GEO:geo:45.65,25.6
REV;VALUE=DATE-AND-OR-TIME:20240102T030405Z
END:VCARD
"""
