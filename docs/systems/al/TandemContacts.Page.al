// Not compiled here: written from the documentation of AL and of the base application.
page 50101 "Tandem Contacts"
{
    PageType = API;
    APIPublisher = 'tandem';
    APIGroup = 'companion';
    APIVersion = 'v1.0';
    EntityName = 'contact';
    EntitySetName = 'contacts';
    SourceTable = Contact;
    ODataKeyFields = SystemId;
    DelayedInsert = true;
    Extensible = false;

    layout
    {
        area(Content)
        {
            repeater(records)
            {
                field(id; Rec.SystemId) { Caption = 'Id'; Editable = false; }
                field(number; Rec."No.") { Caption = 'No.'; }
                field(type; Rec.Type) { Caption = 'Type'; }
                field(displayName; Rec.Name) { Caption = 'Name'; }
                field(firstName; Rec."First Name") { Caption = 'First Name'; }
                field(middleName; Rec."Middle Name") { Caption = 'Middle Name'; }
                field(surname; Rec.Surname) { Caption = 'Surname'; }
                field(companyNumber; Rec."Company No.") { Caption = 'Company No.'; }
                field(companyName; Rec."Company Name") { Caption = 'Company Name'; Editable = false; }
                field(addressLine1; Rec.Address) { Caption = 'Address'; }
                field(addressLine2; Rec."Address 2") { Caption = 'Address 2'; }
                field(city; Rec.City) { Caption = 'City'; }
                field(state; Rec.County) { Caption = 'County'; }
                field(country; Rec."Country/Region Code") { Caption = 'Country/Region Code'; }
                field(postalCode; Rec."Post Code") { Caption = 'Post Code'; }
                field(phoneNumber; Rec."Phone No.") { Caption = 'Phone No.'; }
                field(mobilePhoneNumber; Rec."Mobile Phone No.") { Caption = 'Mobile Phone No.'; }
                field(faxNumber; Rec."Fax No.") { Caption = 'Fax No.'; }
                field(email; Rec."E-Mail") { Caption = 'E-Mail'; }
                field(website; Rec."Home Page") { Caption = 'Home Page'; }
                field(pager; Rec.Pager) { Caption = 'Pager'; }
                field(salutationCode; Rec."Salutation Code") { Caption = 'Salutation Code'; }
                field(currencyId; currencyId)
                {
                    Caption = 'Currency Id';

                    trigger OnValidate()
                    begin
                        if IsNullGuid(currencyId) then
                            Rec.Validate("Currency Code", '')
                        else begin
                            CurrencyIdRecord.GetBySystemId(currencyId);
                            Rec.Validate("Currency Code", CurrencyIdRecord.Code);
                        end;
                    end;
                }
                field(salespersonId; salespersonId)
                {
                    Caption = 'Salesperson Id';

                    trigger OnValidate()
                    begin
                        if IsNullGuid(salespersonId) then
                            Rec.Validate("Salesperson Code", '')
                        else begin
                            SalespersonIdRecord.GetBySystemId(salespersonId);
                            Rec.Validate("Salesperson Code", SalespersonIdRecord.Code);
                        end;
                    end;
                }
                field(customerId; customerId)
                {
                    Caption = 'Customer Id';

                    trigger OnValidate()
                    begin
                        if IsNullGuid(customerId) then
                            Rec.Validate("Company No.", '')
                        else begin
                            CustomerRecord.GetBySystemId(customerId);
                            ContactBusinessRelation.SetRange("Link to Table", ContactBusinessRelation."Link to Table"::Customer);
                            ContactBusinessRelation.SetRange("No.", CustomerRecord."No.");
                            ContactBusinessRelation.FindFirst();
                            Rec.Validate("Company No.", ContactBusinessRelation."Contact No.");
                        end;
                    end;
                }
                field(lastModifiedDateTime; Rec.SystemModifiedAt) { Caption = 'Last Modified'; Editable = false; }
            }
        }
    }

    trigger OnAfterGetRecord()
    begin
        Clear(customerId);
        ContactBusinessRelation.SetRange("Contact No.", Rec."Company No.");
        ContactBusinessRelation.SetRange("Link to Table", ContactBusinessRelation."Link to Table"::Customer);
        if ContactBusinessRelation.FindFirst() then
            if CustomerRecord.Get(ContactBusinessRelation."No.") then
                customerId := CustomerRecord.SystemId;
        ContactBusinessRelation.Reset();
        Clear(currencyId);
        if Rec."Currency Code" <> '' then
            if CurrencyIdRecord.Get(Rec."Currency Code") then
                currencyId := CurrencyIdRecord.SystemId;
        Clear(salespersonId);
        if Rec."Salesperson Code" <> '' then
            if SalespersonIdRecord.Get(Rec."Salesperson Code") then
                salespersonId := SalespersonIdRecord.SystemId;
    end;

    var
        customerId: Guid;
        CustomerRecord: Record Customer;
        ContactBusinessRelation: Record "Contact Business Relation";
        currencyId: Guid;
        CurrencyIdRecord: Record Currency;
        salespersonId: Guid;
        SalespersonIdRecord: Record "Salesperson/Purchaser";
}
