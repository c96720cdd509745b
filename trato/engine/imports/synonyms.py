"""What people and programs call the columns of their files, in English, Spanish and Romanian.

A concept is what a column is about; it is named as a field of ours would be, or as the part of an address. Phrases
are folded (lower case, no accents, words apart): see `mapping.fold`. Languages or programs are added here, nowhere
else.
"""

_PHRASES = {
    "name": (
        "full name|name|contact|contact name|display name|formatted name|person|customer name|client name|fn"
        "|nombre completo|nombre y apellidos|contacto|cliente|nume complet|nume si prenume|persoana|client"
    ),
    "first_name": (
        "first name|given name|forename|first|fname|christian name|nombre|nombres|nombre de pila|prenume|prenumele"
    ),
    "middle_name": (
        "middle name|middle|additional name|additional names|second name|middle names|segundo nombre|al doilea prenume"
    ),
    "last_name": (
        "last name|surname|family name|last|lname|last names|second surname|apellido|apellidos"
        "|primer apellido|nume|nume de familie|numele"
    ),
    "salutation": (
        "salutation|prefix|name prefix|honorific|honorific prefix|courtesy title|tratamiento|saludo|apelativ"
        "|formula de adresare|titlu"
    ),
    "suffix": "suffix|name suffix|honorific suffix|generation|sufijo|sufix",
    "nickname": "nickname|nick name|alias|apodo|mote|porecla",
    "account": (
        "account|account name|company|company name|organization|organization name|organisation"
        "|organisation name|employer|firm|business name|empresa|compania|nombre de empresa|organizacion"
        "|sociedad|razon social|companie|firma|societate|organizatie|angajator|nume companie|nume firma"
    ),
    "job_title": (
        "job title|title|position|role|job|function|job function|organization title|puesto|cargo"
        "|puesto de trabajo|titulo|functie|functia|post|pozitie"
    ),
    "department": "department|dept|division|organization department|departamento|area|seccion|departament|divizie",
    "occupation": "occupation|profession|profesion|ocupacion|oficio|profesie|ocupatie|meserie",
    "birthday": (
        "birthday|birth date|birthdate|date of birth|dob|born|bday|fecha de nacimiento|fecha nacimiento"
        "|nacimiento|cumpleanos|data nasterii|data nastere|zi de nastere|ziua de nastere"
    ),
    "emails": (
        "email|emails|mail|email address|email addresses|e mail|mail address|electronic mail|correo|correos"
        "|correo electronico|direccion de correo|direccion de correo electronico|posta electronica"
        "|adresa de email|adresa email|adresa de mail"
    ),
    "phones": (
        "phone|phones|phone number|phone no|telephone|telephone number|tel|tel no|mobile|mobile phone"
        "|mobile number|cell|cell phone|cellphone|landline|fax|fax number|pager|number|main phone|telefono"
        "|telefonos|numero de telefono|telefono movil|movil|celular|telefono fijo|fijo|telefon|telefoane"
        "|numar de telefon|numar telefon|telefon mobil|mobil|telefon fix|fix"
    ),
    "line1": (
        "street|address|address 1|address line 1|street address|line 1|line1|mailing street|billing street"
        "|address street|street 1|address1|direccion|direccion 1|calle|domicilio|via|strada|adresa|adresa 1"
        "|str"
    ),
    "line2": (
        "address 2|address line 2|line 2|line2|street 2|address2|apartment|apt|suite|unit|extended address"
        "|street address 2|direccion 2|piso|puerta|piso y puerta|adresa 2|apartament|ap|bloc"
    ),
    "number": (
        "street number|house number|street no|house no|building number|numero de calle|numero|num"
        "|numar strada|numar casa|nr"
    ),
    "city": (
        "city|town|suburb|locality|address city|mailing city|ciudad|localidad|poblacion|municipio|oras"
        "|localitate|orasul"
    ),
    "postcode": (
        "postcode|post code|postal code|zip|zip code|zipcode|zip postal code|plz|codigo postal|cp|c p"
        "|cod postal|codul postal"
    ),
    "region": (
        "region|state|province|county|state province|state region|federal state|provincia|comunidad autonoma"
        "|comunidad|estado|judet|judetul|regiune"
    ),
    "country": "country|country region|nation|country name|country code|land|pais|tara",
    "website": (
        "website|web|url|web page|webpage|homepage|home page|site|web site|web address|pagina web|sitio web"
        "|pagina de internet|site web|pagina internet"
    ),
    "handles": "handles|social|social profile|social profiles|social media|im|redes sociales|retele sociale",
    "description": (
        "notes|note|description|comment|comments|remarks|remark|memo|about|notas|nota|observaciones"
        "|comentarios|comentario|descripcion|observatii|comentarii|descriere|mentiuni"
    ),
    "tags": (
        "tags|tag|labels|categories|category|groups|group membership|keywords|etiquetas|etiqueta|categorias"
        "|categoria|grupos|etichete|categorii|grupuri"
    ),
    "lifecycle": (
        "lifecycle|lifecycle stage|status|contact status|stage|customer status|etapa|situacion|fase|stare"
        "|etapa de viata"
    ),
    "language": "language|preferred language|locale|idioma|lengua|limba",
    "time_zone": "time zone|timezone|tz|zona horaria|huso horario|fus orar",
    "source": "source|lead source|origin|acquisition channel|origen|fuente|procedencia|sursa|provenienta",
    "owner": (
        "owner|assigned to|responsible|account manager|account owner|contact owner|sales rep|propietario"
        "|responsable|asignado a|proprietar|responsabil"
    ),
    "preferences": "preferences|preferencias|preferinte",
    "tax_number": (
        "tax number|tax id|vat|vat number|vat id|vat no|tin|nif|cif|cif nif|numero fiscal|cui|cod fiscal"
        "|cod unic de inregistrare"
    ),
    "industry": "industry|sector|branch|industria|sector de actividad|domeniu|domeniu de activitate|ramura",
    "size": (
        "size|employees|number of employees|company size|no of employees|empleados|numero de empleados"
        "|angajati|numar de angajati"
    ),
    "kind": "type|kind|account type|tipo|tip",
}
CONCEPTS: dict[str, str] = {
    phrase: concept
    for concept, phrases in _PHRASES.items()
    for phrase in (concept.replace("_", " "), *phrases.split("|"))
}
PARTS = ("line1", "line2", "number", "city", "postcode", "region", "country")  # of an address

# One word for a first (or last) name and for the whole of it.
WHOLE_TOO = frozenset({"nombre", "nombres", "nume", "numele"})
# Words before or after the name of a column that say which of several values it is: they become the label.
LABELS = {
    "home": "home",
    "personal": "home",
    "private": "home",
    "casa": "home",
    "particular": "home",
    "acasa": "home",
    "work": "work",
    "business": "work",
    "office": "work",
    "company": "work",
    "trabajo": "work",
    "oficina": "work",
    "serviciu": "work",
    "birou": "work",
    "mobile": "mobile",
    "cell": "mobile",
    "cellphone": "mobile",
    "movil": "mobile",
    "celular": "mobile",
    "mobil": "mobile",
    "fax": "fax",
    "pager": "pager",
    "other": "other",
    "otro": "other",
    "otra": "other",
    "alt": "other",
    "billing": "billing",
    "shipping": "shipping",
    "mailing": "mailing",
    "main": "main",
}
FILLERS = frozenset(
    [
        "value",
        "primary",
        "secondary",
        "alternate",
        "alternative",
        "preferred",
        "the",
        "your",
        "no",
        "nr",
        "principal",
        "secundario",
        "principala",
    ]
)
# A name may begin with what the whole record is: "Contact City", "Organization Title".
LEADS = frozenset(
    ["address", "organization", "organisation", "contact", "person", "customer", "client", "account", "website"]
)
# With one of these words a column is about something else than the rest of its name says.
STRANGERS = frozenset(
    [
        "type",
        "label",
        "display",
        "yomi",
        "phonetic",
        "spouse",
        "assistant",
        "assistants",
        "manager",
        "managers",
        "referred",
        "created",
        "modified",
        "updated",
        "id",
        "initials",
        "isdn",
        "telex",
        "callback",
        "radio",
        "hobby",
        "children",
        "billing",
        "information",
        "mileage",
        "sensitivity",
        "priority",
        "privacy",
        "opt",
        "consent",
        "hash",
        "ip",
        "owner",
    ]
)
NETWORKS = frozenset(
    [
        "linkedin",
        "twitter",
        "x",
        "facebook",
        "instagram",
        "skype",
        "mastodon",
        "telegram",
        "whatsapp",
        "xing",
        "github",
        "youtube",
        "tiktok",
        "bluesky",
        "threads",
        "signal",
    ]
)
COURTESY = frozenset(
    [
        "mr",
        "mrs",
        "ms",
        "miss",
        "mx",
        "dr",
        "prof",
        "sir",
        "madam",
        "sr",
        "sra",
        "srta",
        "don",
        "dona",
        "d",
        "dna",
        "dl",
        "domnul",
        "doamna",
        "domnisoara",
        "ing",
        "lic",
        "herr",
        "frau",
        "m",
        "mme",
    ]
)
